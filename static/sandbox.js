// Inside a sandbox that lets scripts run and forbids forms, as WordPress puts around a bare address:
// every button sends by fetch() what its form would have sent, and the answer takes the place of the page.
// Back leads through the steps as they were left. The host's own height message is spoken as well.
(function () {
  "use strict";
  var page = document, body = page.body, busy, note = page.getElementById("unsent");
  // Each page asks for this script itself.
  page.currentScript.remove();
  // Kept beside the document, which is written anew at each step: the pages behind us, and WordPress's mark.
  var memory = self.townline = self.townline || {
    pages: [], at: 0, secret: (/[#?&]secret=(\w{1,40})/.exec(location.hash) || [])[1]
  };

  // -- how high: WordPress shows nothing until it has heard --

  function height() {
    var value = Math.ceil(body.getBoundingClientRect().height);
    if (memory.secret && body.isConnected && value) parent.postMessage({ message: "height", value: value, secret: memory.secret }, "*");
  }
  new ResizeObserver(height).observe(body);
  addEventListener("message", function (event) {
    if (event.source === parent && event.data && event.data.message === "ready") height();
  });

  // -- pages in the place of pages --

  function fields() {
    return [].slice.call(page.querySelectorAll("input, textarea, select"));
  }
  function keep() {
    memory.pages[memory.at].fields = fields().map(function (field) {
      return { value: field.value, checked: field.checked, files: field.files };
    });
  }
  function write(html) {
    delete page.townlineMap;
    page.open();
    page.write(html);
    page.close();
    scrollTo(0, 0);
  }
  function restore(kept) {
    fields().forEach(function (field, at) {
      var was = kept[at];
      if (!was) return;
      if (field.type === "file") field.files = was.files;
      else field.value = was.value;
      field.checked = was.checked;
    });
  }
  function turn(html) {
    keep();
    memory.pages.length = ++memory.at;
    memory.pages.push({ html: html });
    history.pushState({ townline: memory.at }, "");
    write(html);
  }
  if (!memory.pages.length) {
    memory.pages.push({ html: "<!doctype html>" + page.documentElement.outerHTML });
    history.replaceState({ townline: 0 }, "");
  } else if (memory.pages[memory.at].fields) restore(memory.pages[memory.at].fields);
  addEventListener("popstate", function (event) {
    var at = event.state && event.state.townline;
    if (!memory.pages[at] || at === memory.at) return;
    keep();
    memory.at = at;
    write(memory.pages[at].html);
  });

  // -- sending --

  function ask(address, wish) {
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
    var data = new FormData(form), address = new URL(form.getAttribute("action") || "", location.href);
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
      // No new window may be opened here, and few sites let themselves be framed: the address can be read and copied.
      if (!link.dataset.told) link.after(" " + link.href);
      link.dataset.told = 1;
    } else if (link.target) parent.postMessage({ message: "link", value: link.href, secret: memory.secret }, "*");
    else ask(link.href, {});
  }
  page.addEventListener("click", function (event) {
    var one = event.target.closest("a[href], button, input[type=submit]");
    if (!one || event.defaultPrevented) return;
    if (one.href) return follow(one, event);
    if (one.type !== "submit" || !one.form) return;
    event.preventDefault();
    send(one.form, one);
  });
})();
