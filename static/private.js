// Points out a phone number or an e-mail address in the free text while it is typed: others may read that text.
// The same shapes as casework/publishing.py, which hides them; a test holds one against the other.
// It answers to the key that was pressed and to nothing later, so that nothing moves under a finger.
(function () {
  "use strict";
  var page = document, words = page.getElementById("description"), said = page.getElementById("private");
  if (!words || !said) return;
  var gap = "[ .\\-/]", loose = "[ .\\-]{0,2}";
  var alone = "(?<![\\w$€£+])(?<!\\d[.,/:\\-])", ended = "(?!\\d)(?![.,/:\\-]\\d)(?!\\s?(?:[€$£%°]|(?:euro|dollar)s?\\b))";
  var phone = find(alone + "(?:" + [
    "(?:\\+|00)[1-9]\\d{0,2}L(?:\\(0\\))?L\\(?\\d{1,4}\\)?(?:L\\d{2,4}){2,5}",
    "(?:1G?)?\\(\\d{3}\\)L\\d{3}G?\\d{4}",
    "(?:1G?)?\\d{3}G\\d{3}G?\\d{4}",
    "1?[2-9]\\d{9}",
    "0[1-9](?:G?\\d\\d){4}",
    "[6-9]\\d\\dG?\\d{3}G?\\d{3}",
    "[6-9]\\d\\d(?:G\\d\\d){3}",
    "[89]\\dG\\d{3}G\\d\\dG\\d\\d"
  ].map(function (shape) { return shape.replace(/L/g, loose).replace(/G/g, gap) + ended; }).join("|") + ")");
  var grouped = find(alone + "(?!\\d{4}-\\d\\d-\\d\\d|\\d{1,2}[./-]\\d{1,2}[./-]\\d{4}|\\d{1,3}\\.\\d{5})\\(?\\d(?:[ .\\-()/]{0,2}\\d){6,14}" + ended);
  var email = /(?<![\p{L}\p{N}_.+%-])[\p{L}\p{N}_.+%'-]{1,254}@(?:[\p{L}\p{N}_-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}_-])/u;
  var calls = /(?:^|[^\p{L}])(?:call|phone|telephone|tel|cell|mobile|text|ring|contact|fax|reach|whatsapp|ll[áa]m\p{L}+|tel[ée]fono|tfno|m[óo]vil|appel\p{L}+|t[ée]l[ée]phone|t[ée]l|portable|joindre)(?!\p{L})[^\d\n]{0,24}$/iu;
  var thing = /(?:#|(?:^|[^\p{L}])(?:pole|hydrant|meter|light|lamp|tag|plate|permit|account|serial|asset|poste|farola|hidrante|contador|matr[íi]cula|poteau|lampadaire|borne|compteur|plaque)s?(?:\s+(?:number|no\.?|n[ºo°.]|nr\.?|n[úu]mero|num[ée]ro|id))?)[\s#:№]{0,3}$/iu;

  function plain(one) { return one.normalize("NFKC"); }
  function find(shape) { return new RegExp(shape, "g"); }
  function any(shape, text, is_called) {
    return Array.from(text.matchAll(shape)).some(function (one) {
      var before = text.slice(Math.max(0, one.index - 48), one.index);
      return !thing.test(before) && (!is_called || calls.test(before));
    });
  }
  function look() {
    // Full-width digits, soft hyphens and dashes hide nothing. ("nº" stays what it is.)
    var text = words.value.replace(/\u00ad/g, "").replace(/[\u2010-\u2013\u2212]/g, "-").replace(/[\uff01-\uff5e\u00a0\u2009\u202f]/g, plain);
    var kind = any(phone, text) || any(grouped, text, true) ? "phone" : "";
    if (email.test(text)) kind = kind ? "both" : "email";
    var sentence = kind ? said.dataset[kind] : "";
    // Said once, not with every key.
    if (said.textContent !== sentence) said.textContent = sentence;
  }
  words.addEventListener("input", look);
  look();
})();
