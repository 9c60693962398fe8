// Inside the frame: tells the host page how high we are and which step is shown, never what is in it.
(function () {
  "use strict";
  var body = document.body, errors = document.getElementById("errors");
  // In a frame browsers do not honour autofocus.
  if (errors && parent !== window) errors.focus();
  document.addEventListener("submit", function (event) {
    // A second click while the first is on its way; the server would give the same receipt anyway.
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = 1;
    setTimeout(function () { delete event.target.dataset.sent; }, 8000);
  });
  addEventListener("pageshow", function () {
    document.querySelectorAll("form").forEach(function (form) { delete form.dataset.sent; });
  });
  if (parent === window) return;
  function tell(name, more) {
    var message = { townline: name };
    for (var key in more) message[key] = more[key];
    // To any origin: a height and the name of a step are no secret, and a stripped Referer hides the host's.
    parent.postMessage(message, "*");
  }
  var last = 0;
  function grow() {
    var height = Math.ceil(body.getBoundingClientRect().height);
    if (height !== last) tell("height", { height: last = height });
  }
  new ResizeObserver(grow).observe(body);
  grow();
  tell("ready");
  if (body.dataset.step) tell("step", { step: body.dataset.step, again: body.dataset.again });
  if (body.dataset.ref) tell("submitted", { ref: body.dataset.ref });
})();
