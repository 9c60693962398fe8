// Turns <a data-report href="https://311.example.gov/report"> into the form itself. The link is the
// snippet; this script only upgrades it, and whatever goes wrong, the link is there again.
// Events on the link: report:ready, report:step {step}, report:submitted {ref}, report:error {reason},
// report:closed. What a dialog and a floating button need beyond this is in dialog.js, asked for when needed.
((page, host) => {
  "use strict";
  // Put in when the script is served: this town's own origins. A page may hold links of anybody, in comments too.
  const TOWN = "@town";
  // Not a name: a page may have an element or a variable with any name, and the script twice.
  const OURS = Symbol.for("townline"), KEPT = "townline ", WORD = /^[\w.-]{1,200}$/;
  // Written as data-… or into the address; the last ones are for this page, the others for the form.
  const PREFILL = ["service", "lang", "theme", "accent", "address", "lat", "lng", "asset"], LOCAL = ["widget", "title", "close", "height"];
  const ours = { look, begin, end, say, told, address, mode, follow };
  let frames = [], asked;

  function say(link, name, detail = {}) {
    (link.isConnected ? link : page).dispatchEvent(new CustomEvent("report:" + name, { bubbles: true, detail }));
  }

  function told(link, name) {
    return new URL(link.href).searchParams.get(name) || link.dataset[name];
  }

  // Only what leads to a form of this town: "#dialog" is used by others too.
  function mode(link) {
    const found = (link.dataset.report || link.hash + "").replace("#", "");
    return TOWN.includes(link.origin) && /^\/report\b/.test(link.pathname) && /^(inline|dialog|button)$/.test(found) && found;
  }

  function here() {
    return location.origin + location.pathname;
  }

  function address(link) {
    const url = new URL(link.href), query = url.searchParams, widget = told(link, "widget"), near = link.closest("[lang]");
    if (widget) url.pathname = url.pathname.replace(/\/report\/?$/, "/report/" + encodeURIComponent(widget));
    PREFILL.forEach(name => told(link, name) && query.set(name, told(link, name)));
    LOCAL.forEach(name => query.delete(name));
    if (near && !query.has("lang")) query.set("lang", near.lang);
    // A dark form on a light page helps nobody: follow the reader only where the page itself does.
    if (!query.get("theme")) query.set("theme", /dark/.test(getComputedStyle(link).colorScheme) ? "auto" : "light");
    query.set("embed", "1");
    url.hash = "";
    return url;
  }

  // The frame of a link. `entry.on` hears what it says; `entry.drop` puts things back when it is gone.
  function begin(link, entry) {
    const url = address(link), frame = entry.frame = page.createElement("iframe"), kept = history.state?.[KEPT + link.href];
    if (kept && !entry.on) url.searchParams.set("receipt", kept);
    url.searchParams.set("from", entry.from = here());
    frame.src = url;
    frame.title = told(link, "title") || link.textContent.trim();
    frame.allow = "geolocation";
    frame.dataset.townline = "";
    Object.assign(entry, { link, href: link.href, origin: url.origin });
    frames.push(entry);
    // Whatever is loaded, now or later: a page of ours answers, the error page of a server in between does not.
    (frame.onload = () => {
      entry.timer = entry.timer || setTimeout(() => {
        end(entry);
        say(entry.link, "error", { reason: "no-answer" });
      }, 8000);
      frame.contentWindow?.postMessage({ townline: "there" }, url.origin);
    })();
    return frame;
  }

  function end(entry) {
    clearTimeout(entry.timer);
    entry.frame.remove();
    frames = frames.filter(one => one !== entry);
    entry.drop();
  }

  function inline(link) {
    let entry = link[OURS];
    if (entry && entry.href === link.href) return;
    entry = link[OURS] = { home: link.parentNode, drop: () => link.style.removeProperty("display") };
    begin(link, entry).style.cssText = "display:block;width:100%;border:0;height:" + (parseInt(told(link, "height"), 10) || 640) + "px";
    link.after(entry.frame);
    // Stronger than hidden, which a theme's own button style would undo.
    link.style.setProperty("display", "none", "important");
  }

  // Over a refresh the page's own history entry remembers the receipt: neither a cookie nor storage.
  function remember(link, mark) {
    const state = { ...history.state }, name = KEPT + link.href;
    if (state[name] === mark) return;
    if (WORD.test(mark)) state[name] = mark;
    else delete state[name];
    try { history.replaceState(state, ""); } catch { /* A sandboxed page starts anew. */ }
  }

  // A page that changed its address without loading: the report is to name the one it stands on now.
  function follow(entry) {
    if (entry.from !== here()) entry.frame.contentWindow.postMessage({ townline: "from", from: entry.from = here() }, entry.origin);
  }

  function hear(event) {
    const said = event.data, entry = frames.find(one => one.frame.contentWindow === event.source && one.origin === event.origin);
    if (!entry || !said) return;
    const name = said.townline, { link, frame } = entry;
    entry.timer = clearTimeout(entry.timer);
    if (name === "ready") {
      // A later step starts at its own top, also where the last one was longer than the screen.
      if (entry.alive && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      else if (!entry.alive) say(link, name);
      entry.alive = true;
      follow(entry);
    } else if (name === "step" && WORD.test(said.step)) {
      if (!entry.on) remember(link, said.again);
      say(link, name, { step: said.step });
    } else if (name === "submitted" && WORD.test(said.ref)) say(link, name, { ref: said.ref });
    if (entry.on) entry.on(name);
    else if (name === "height" && said.height > 0 && said.height <= 20000) frame.style.height = Math.ceil(said.height) + "px";
  }

  function look() {
    const links = [];
    // Forgotten: what the site itself swapped away, moved apart from its link, or led elsewhere.
    frames.forEach(entry => {
      const { link, frame, home } = entry;
      if (frame.isConnected && (!home || (link.isConnected && link.href === entry.href && (link.parentNode === home || link.parentNode.contains(frame))))) return;
      delete link[OURS];
      end(entry);
    });
    // A copy of an upgraded page has copies of the frames.
    page.querySelectorAll("iframe[data-townline]").forEach(frame => {
      if (!frames.some(entry => entry.frame === frame)) frame.remove();
    });
    page.querySelectorAll("a[data-report],a[href*='#']").forEach(link => {
      if (mode(link) === "inline") inline(link);
      else if (mode(link)) links.push(link);
    });
    const [first] = links;
    if (ours.dialogs) ours.dialogs(links);
    else if (first && !asked) {
      asked = page.createElement("script");
      asked.src = TOWN[0] + "/static/dialog.js?accent=" + encodeURIComponent(told(first, "accent") || "") + "&of=" + address(first).pathname;
      page.head.append(asked);
    }
  }

  if (host[OURS]) return host[OURS].look();
  host[OURS] = ours;
  host.addEventListener("message", hear);
  new MutationObserver(look).observe(page, { childList: true, subtree: true, attributeFilter: ["href", "data-report"] });
  look();
})(document, window);
