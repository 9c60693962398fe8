// The small sum of a doubtful report: numbers whose SHA-256 begins with zeros. Then the form is sent.
(async function () {
  "use strict";
  var box = document.getElementById("proof"), data = box.dataset, found = [], from, hit;
  function fits(number) {
    var text = new TextEncoder().encode(data.challenge + "." + found.length + "." + number);
    return crypto.subtle.digest("SHA-256", text).then(function (sum) {
      return !(new DataView(sum).getUint32(0) >>> 32 - data.bits);
    });
  }
  try {
    crypto.subtle.digest;
    box.hidden = false;
    while (found.length < data.sums) {
      for (from = 0, hit = -1; hit < 0; from += 128)
        hit = (await Promise.all(Array.from(Array(128), function (_, at) { return fits(from + at); }))).indexOf(true);
      box.querySelector("progress").value = found.push(from - 128 + hit);
    }
    document.getElementById("answer").value = found.join(" ");
  } catch (e) {} // Without https browsers have no such sum: sent as it is, and somebody looks first.
  document.getElementById("send").click();
})();
