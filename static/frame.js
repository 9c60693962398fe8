// Inside the frame: tells the host page how high we are and which step is shown, never what is in it.
(function () {
  "use strict";
  var page = document, body = page.body, is_framed = parent !== window;
  var own = page.currentScript, query = new URLSearchParams(location.search);
  page.addEventListener("submit", function (event) {
    // A second click while the first is on its way; the server would give the same receipt anyway.
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = 1;
    setTimeout(function () { delete event.target.dataset.sent; }, 8000);
  });
  addEventListener("pageshow", function () {
    page.querySelectorAll("form").forEach(function (form) { delete form.dataset.sent; });
  });
  function load(address) {
    var script = page.createElement("script");
    script.src = address;
    page.head.appendChild(script);
  }
  // What is of use only to whoever types is asked for with the first key.
  if (own.dataset.later) page.addEventListener("input", function () { load(own.dataset.later); }, { once: true });
  if (!is_framed) return;
  function tell(name, more) {
    var message = { townline: name };
    for (var key in more) message[key] = more[key];
    // To any origin: a height and the name of a step are no secret, and a stripped Referer hides the host's.
    parent.postMessage(message, "*");
  }
  var last = 0;
  function grow() {
    var height = Math.ceil(body.getBoundingClientRect().height);
    if (height !== last && body.isConnected) tell("height", { height: last = height });
  }
  new ResizeObserver(grow).observe(body);
  grow();
  tell("ready");
  if (body.dataset.step) tell("step", { step: body.dataset.step, again: body.dataset.again });
  if (body.dataset.ref) tell("submitted", { ref: body.dataset.ref });
  // In a frame browsers do not honour autofocus, and say nothing of a new page. The first one takes the focus
  // from nobody. Where our script stands outside ("from"), that one scrolls, once.
  var errors = page.getElementById("errors"), title = page.querySelector("h1");
  if (!errors && title && (body.dataset.ref || page.querySelector("input[name=token]"))) title.tabIndex = -1;
  else title = errors;
  if (title) title.focus({ preventScroll: query.has("from") });
  // A dialog around us is closed by Escape, unless a field or a list had a use for the key.
  addEventListener("keydown", function (event) {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) tell("close");
  });
  // The page around us has changed its address without loading: our next step says which one it is now.
  addEventListener("message", function (event) {
    var said = event.data;
    if (event.source !== parent || !said) return;
    // Asked after every page, and answered by ours alone.
    if (said.townline === "there") tell("here");
    if (said.townline !== "from") return;
    page.querySelectorAll("form[method=post], [formaction]").forEach(function (one) {
      var name = one.form ? "formaction" : "action", url = new URL(one.getAttribute(name), location.href);
      url.searchParams.set("from", said.from);
      one.setAttribute(name, url.pathname + url.search);
    });
  });
  // Of no origin: a sandbox, in which forms may be forbidden.
  if (self.origin === "null" && own.dataset.sandbox && !self.townline) load(own.dataset.sandbox);
})();
