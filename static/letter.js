// The demonstration's mailbox: the frame of a letter is as high as the letter. Without this script it scrolls.
(function () {
  "use strict";
  var frame = document.querySelector("iframe.letter");
  function fit() {
    var letter = frame.contentDocument;
    if (!letter || !letter.body) return;
    frame.style.height = "0";
    frame.style.height = letter.documentElement.scrollHeight + 4 + "px";
  }
  if (!frame) return;
  frame.addEventListener("load", fit);
  addEventListener("resize", fit);
  fit();
})();
