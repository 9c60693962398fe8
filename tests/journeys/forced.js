// In forced colours backgrounds vanish: every part that is told apart by one must have a border.
() => [...document.querySelectorAll(".button:not(.plain), .option, .key, .choice, .notice, .tag, .ticket, .card, .errors, .call, input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select")]
  .filter(one => one.checkVisibility() && !one.closest(".trap, .group") && !one.matches(".heard, [type=image]"))
  .filter(one => { const style = getComputedStyle(one); return style.borderTopStyle === "none" && style.borderInlineStartStyle === "none"; })
  .map(one => "no border in forced colours: " + one.outerHTML.slice(0, 110))
