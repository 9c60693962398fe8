// Inside a sandbox that lets scripts run and forbids forms, as WordPress puts around a bare address:
// every button sends by fetch() what its form would have sent, and the answer takes the place of the page.
// Back leads through the steps as they were left. WordPress's own height message is spoken as well.
(function () {
  "use strict";
  var page = document, pages = [], at = 0, busy, ruler;
  var secret = (/[#?&]secret=(\w{1,40})/.exec(location.hash) || [])[1];
  // The window outlives its pages: this script goes on, and the next pages need not ask for it (frame.js).
  page.currentScript.remove();
  self.townline = true;

  function say(message, value) {
    if (secret) parent.postMessage({ message: message, value: value, secret: secret }, "*");
  }
  function height() {
    var value = Math.ceil(page.body.getBoundingClientRect().height);
    if (value) say("height", value);
  }
  function measure() {
    if (ruler) ruler.disconnect();
    ruler = new ResizeObserver(height);
    ruler.observe(page.body);
    // WordPress hides the frame until it has a height, and what is hidden is not observed.
    height();
  }

  // -- pages in the place of pages --

  function fields() {
    return [].slice.call(page.querySelectorAll("input, textarea, select"));
  }
  function keep() {
    pages[at].fields = fields().map(function (field) {
      return { name: field.name, type: field.type, value: field.value, checked: field.checked, files: field.files };
    });
  }
  function restore(kept) {
    var here = fields();
    kept.forEach(function (was) {
      var number = here.findIndex(function (field) { return field.name === was.name && field.type === was.type; });
      var field = here.splice(number, number < 0 ? 0 : 1)[0];
      if (!field) return;
      if (field.type === "file") field.files = was.files;
      else field.value = was.value;
      field.checked = was.checked;
    });
  }
  function show() {
    delete page.townlineMap;
    page.open();
    // Opening took all listeners away. A press on a button is heard from the first moment of the new page.
    listen();
    page.write(pages[at].html);
    page.close();
    if (pages[at].fields) restore(pages[at].fields);
    busy = false;
    scrollTo(0, 0);
    measure();
  }
  function turn(html) {
    keep();
    pages.length = ++at;
    pages.push({ html: html });
    history.pushState({ townline: at }, "");
    show();
  }
  function go(event) {
    var to = event.state && event.state.townline;
    if (!pages[to] || to === at) return;
    keep();
    at = to;
    show();
  }

  // -- sending --

  function ask(address, wish) {
    var note = page.getElementById("unsent");
    if (busy) return;
    busy = true;
    note.hidden = true;
    page.documentElement.setAttribute("aria-busy", "true");
    wish.credentials = "omit";
    fetch(address, wish).then(function (answer) { return answer.text(); }).then(turn, function () {
      note.hidden = busy = false;
      page.documentElement.removeAttribute("aria-busy");
      note.focus();
    });
  }
  function send(form, button) {
    var data = new FormData(form), address = new URL(button.getAttribute("formaction") || form.getAttribute("action") || "", location.href);
    if (button.name) data.append(button.name, button.value);
    if (form.getAttribute("method") === "post") return ask(address, { method: "POST", body: data });
    address.search = new URLSearchParams(data);
    ask(address, {});
  }
  function follow(link, event) {
    var goal = link.hash && link.pathname === location.pathname && page.getElementById(link.hash.slice(1));
    if (!/^http/.test(link.protocol)) return;
    event.preventDefault();
    if (goal) {
      goal.scrollIntoView();
      goal.focus();
    } else if (link.host !== location.host) {
      // No window may be opened from here, and few sites let themselves be framed: the address can be read.
      if (!link.dataset.told) link.after(" " + link.href);
      link.dataset.told = 1;
    } else if (link.target) say("link", link.href);
    else ask(link.href, {});
  }
  function press(event) {
    var one = event.target.closest("a[href], button, input[type=submit]");
    if (!one || event.defaultPrevented) return;
    if (one.href) return follow(one, event);
    if (one.type !== "submit" || !one.form) return;
    event.preventDefault();
    send(one.form, one);
  }

  function listen() {
    page.addEventListener("click", press);
    addEventListener("popstate", go);
    addEventListener("message", function (event) {
      // WordPress is ready to hear; what was said before, it may have missed.
      if (event.source === parent && event.data && event.data.message === "ready") height();
    });
  }
  pages.push({ html: "<!doctype html>" + page.documentElement.outerHTML });
  history.replaceState({ townline: 0 }, "");
  listen();
  measure();
})();
