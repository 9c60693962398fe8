// Turns <a data-report href="https://311.example.gov/report"> into the form itself. The link is the
// snippet; this script only upgrades it, and whatever goes wrong, the link is there again.
// Events on the link: report:ready, report:step {step}, report:submitted {ref}, report:error {reason}.
(function (page, host) {
  "use strict";
  var frames = [], KEPT = "townline ", START = 640, HIGHEST = 20000, PATIENCE = 8000;
  // link attribute -> query of the form; each also works written into the href.
  var PREFILL = { service: "service", lang: "lang", theme: "theme", accent: "accent", address: "address", lat: "lat", lng: "lng", asset: "asset" };

  function announce(link, name, detail) {
    link.dispatchEvent(new CustomEvent("report:" + name, { bubbles: true, detail: detail || {} }));
  }

  function address(link) {
    var url = new URL(link.href), data = link.dataset, query = url.searchParams, widget = data.widget;
    if (widget && /\/report\/?$/.test(url.pathname)) url.pathname = url.pathname.replace(/\/?$/, "/") + encodeURIComponent(widget);
    for (var name in PREFILL) if (data[name] && !query.has(PREFILL[name])) query.set(PREFILL[name], data[name]);
    var near = link.closest("[lang]");
    if (near && !query.has("lang")) query.set("lang", near.lang);
    // A dark form on a light page helps nobody: follow the reader only where the page itself does.
    if (query.get("theme") === "auto" || (!query.has("theme") && /dark/.test(getComputedStyle(link).colorScheme))) query.delete("theme");
    else if (!query.has("theme")) query.set("theme", "light");
    var kept = Object(history.state)[KEPT + link.href];
    if (kept) query.set("receipt", kept);
    query.set("embed", "1");
    query.set("from", location.origin + location.pathname);
    url.hash = "";
    return url;
  }

  function upgrade(link) {
    var mode = link.dataset.report || link.hash.slice(1);
    if (link.townline || mode !== "inline" || !/^https?:$/.test(link.protocol)) return;
    var url = address(link), frame = page.createElement("iframe"), entry;
    frame.src = url;
    frame.title = link.dataset.title || link.textContent.trim();
    frame.allow = "geolocation";
    frame.style.cssText = "display:block;width:100%;border:0;height:" + (parseInt(link.dataset.height, 10) || START) + "px";
    link.townline = entry = { link: link, frame: frame, origin: url.origin };
    frames.push(entry);
    function giveUp() {
      if (entry.alive) return;
      close(entry);
      announce(link, "error", { reason: "no-answer" });
    }
    entry.timer = setTimeout(giveUp, PATIENCE);
    link.after(frame);
    // Stronger than hidden, which a theme's own button style would undo.
    link.style.setProperty("display", "none", "important");
  }

  function close(entry) {
    clearTimeout(entry.timer);
    entry.frame.remove();
    entry.link.style.removeProperty("display");
    frames.splice(frames.indexOf(entry), 1);
  }

  // Over a refresh the page's own history entry remembers the receipt: neither a cookie nor storage.
  function remember(link, mark) {
    var state = Object.assign({}, history.state), name = KEPT + link.href;
    if (state[name] === mark) return;
    state[name] = /^[\w.-]{1,200}$/.test(mark) ? mark : undefined;
    try { history.replaceState(state, ""); } catch (refused) { /* A sandboxed page starts anew. */ }
  }

  function hear(event) {
    var said = event.data, entry = frames.find(function (one) {
      return one.frame.contentWindow === event.source && one.origin === event.origin;
    });
    if (!entry || !said || typeof said !== "object") return;
    var name = said.townline, link = entry.link;
    if (name === "height" && said.height > 0 && said.height <= HIGHEST) entry.frame.style.height = Math.ceil(said.height) + "px";
    else if (name === "ready") {
      clearTimeout(entry.timer);
      // A later step starts at its own top, also where the last one was longer than the screen.
      if (entry.alive && entry.frame.getBoundingClientRect().top < 0) entry.frame.scrollIntoView();
      else if (!entry.alive) announce(link, "ready");
      entry.alive = true;
    } else if (name === "step" && /^[a-z]{1,20}$/.test(said.step)) {
      remember(link, said.again);
      announce(link, "step", { step: said.step });
    }
    else if (name === "submitted" && /^[\w-]{1,20}$/.test(said.ref)) announce(link, "submitted", { ref: said.ref });
  }

  function look() {
    // Frames whose page part was swapped away by the site itself are forgotten.
    frames.slice().forEach(function (entry) { if (!entry.frame.isConnected) { entry.link.townline = 0; close(entry); } });
    page.querySelectorAll('a[data-report], a[href$="#inline"]').forEach(upgrade);
  }

  if (host.townline) return host.townline();
  host.townline = look;
  host.addEventListener("message", hear);
  new MutationObserver(look).observe(page.documentElement, { childList: true, subtree: true });
  look();
})(document, window);
