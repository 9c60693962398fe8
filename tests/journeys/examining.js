// What a machine can see of a page's fitness for everybody. Runs in the page; returns sentences.
() => {
  const faults = [];
  const name = one => one.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  const shown = one => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".heard, .trap, .skip, [aria-hidden=true]");
  const controls = [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")].filter(shown);

  // WCAG 2.5.8 asks for 24 pixels, save for links in a sentence; our own buttons and fields have 44.
  const inSentence = one => one.matches("a") && getComputedStyle(one).display === "inline";
  for (const one of controls) {
    const box = (one.closest(".choice") || one).getBoundingClientRect();
    const least = one.matches("a") && !one.matches(".button, .option, .key") ? 24 : 44;
    if (inSentence(one)) continue;
    if (one.matches("[data-own-size]") || one.closest(".leaflet-container")) continue;
    if (box.width < 24 || box.height < least - 0.1) faults.push(`target of ${Math.round(box.width)} x ${Math.round(box.height)}: ${name(one)}`);
  }

  // The way of the Tab key is the way of reading: down, or on in another column.
  if (document.querySelector("[tabindex]:not([tabindex='0'], [tabindex='-1'])")) faults.push("a tabindex above 0");
  let before = null;
  for (const one of controls.filter(one => one.tabIndex >= 0 && getComputedStyle(one).position !== "absolute")) {
    const box = one.getBoundingClientRect();
    const rtl = getComputedStyle(one).direction === "rtl";
    const beside = before && (rtl ? box.right <= before.left + 1 : box.left >= before.right - 1);
    if (before && box.bottom < before.top - 1 && !beside) faults.push(`the focus jumps up to ${name(one)}`);
    before = box;
  }

  // Who asked for no motion gets none.
  const moving = document.getAnimations().length + [...document.querySelectorAll("body *")].filter(one => getComputedStyle(one).transitionDuration.split(", ").some(time => parseFloat(time) > 0)).length;
  if (moving && matchMedia("(prefers-reduced-motion: reduce)").matches) faults.push(`${moving} parts move`);

  // Help stands in the same place on each page: the last part of it.
  const wide = document.documentElement;
  if (wide.scrollWidth > wide.clientWidth) faults.push(`${wide.scrollWidth} pixels wide in a window of ${wide.clientWidth}`);

  // WCAG 1.4.12: with more room between lines, words and letters nothing is cut off and nothing overlaps.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [sheet];
  if (wide.scrollWidth > wide.clientWidth) faults.push(`with more text spacing ${wide.scrollWidth} pixels wide`);
  for (const one of document.querySelectorAll("main *, header *, footer *")) {
    if (!shown(one) || one.matches("textarea, iframe, img, svg, svg *, input, progress, [role=listbox]") || one.closest(".leaflet-container, pre")) continue;
    const style = getComputedStyle(one);
    if (style.overflowY === "hidden" && one.scrollHeight > one.clientHeight + 2) faults.push(`cut off by text spacing: ${name(one)}`);
    if (style.overflowX === "hidden" && one.scrollWidth > one.clientWidth + 2 && one.textContent.trim()) faults.push(`cut off by text spacing: ${name(one)}`);
  }
  document.adoptedStyleSheets = [];
  return faults;
}
