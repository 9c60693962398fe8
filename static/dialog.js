// What embed.js asks for where a link says data-report="dialog" or "button" (or #dialog, #button): a click
// on the link opens the form above the page. Each form is kept while it is closed, so that half an answer
// is still there; what was sent, or never answered, is not. Without this script the links are links.
((page, ours) => {
  "use strict";
  // Put in when the script is served: the sheet in the town's colour, and the word for each language.
  const SHEET = "@sheet", CLOSE = "@close";
  const shown = new Map(), refused = new Set(), launchers = new Map();
  let room, root, row;
  if (!ours || ours.dialogs || !page.createElement("dialog").showModal) return;

  function make(name, kind, parent) {
    const one = page.createElement(name);
    one.className = kind;
    parent.append(one);
    return one;
  }

  // One place for all of it, at the end of the page: out of reach of the page's styles.
  function settle() {
    if (!room) {
      room = page.createElement("div");
      root = room.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(SHEET);
      root.adoptedStyleSheets = [sheet];
      row = make("div", "launchers", root);
      room.style.cssText = "all:initial!important;display:contents!important";
      root.addEventListener("click", click);
    }
    if (!room.isConnected) page.body.append(room);
  }

  function name(link) {
    return ours.told(link, "title") || link.textContent.trim();
  }

  // Which form a link means: another link to the same one finds it as it was left.
  function key(link) {
    return ours.address(link).href;
  }

  function dress(one, link) {
    const query = ours.address(link).searchParams;
    one.classList.add("room", query.get("theme") || "auto");
    one.lang = query.get("lang") || "";
    one.dir = getComputedStyle(link).direction;
    return one;
  }

  function begin(link) {
    settle();
    const box = dress(make("dialog", "wait", root), link), head = make("div", "bar", box), title = make("h2", "", head);
    const close = make("button", "", head), mark = key(link), entry = { box };
    title.id = "title" + Math.random();
    title.textContent = name(link);
    box.setAttribute("aria-labelledby", title.id);
    close.textContent = ours.told(link, "close") || CLOSE[box.lang] || CLOSE[box.lang.split("-")[0]] || CLOSE[""];
    close.type = "button";
    close.addEventListener("click", () => box.close());
    entry.on = said => {
      if (said === "ready") box.classList.remove("wait");
      if (said === "submitted") entry.sent = true;
      if (said === "close") box.close();
    };
    entry.drop = () => {
      if (!entry.sent && box.matches(".wait")) refused.add(mark);
      shown.delete(mark);
      box.close();
      box.remove();
    };
    box.addEventListener("close", () => {
      page.documentElement.style.overflow = entry.overflow;
      page.documentElement.style.scrollbarGutter = "";
      entry.opener.focus();
      ours.say(entry.link, "closed");
      if (entry.sent && shown.has(mark)) ours.end(entry);
    });
    shown.set(mark, entry);
    box.append(ours.begin(link, entry));
    return entry;
  }

  function open(link, from) {
    if (refused.has(key(link))) return false;
    const kept = shown.get(key(link)), style = page.documentElement.style;
    // A form that turned silent, behind the error page of a server in between, begins anew.
    if (kept && kept.timer && !kept.box.matches(".wait")) ours.end(kept);
    const entry = shown.get(key(link)) || begin(link);
    entry.link = link;
    entry.opener = from;
    entry.overflow = style.overflow;
    // The page behind stays where it is, and as wide as it is.
    if (innerWidth > page.documentElement.clientWidth) style.scrollbarGutter = "stable";
    style.overflow = "hidden";
    entry.box.showModal();
    ours.follow(entry);
    return true;
  }

  function click(event) {
    const at = event.composedPath()[0], from = at.closest && at.closest("a"), link = from && (from.stands || from);
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (/^(dialog|button)$/.test(ours.mode(link)) && open(link, from)) event.preventDefault();
  }

  function launch(link) {
    settle();
    const one = launchers.get(link) || dress(make("a", "launcher", row), link);
    launchers.set(link, one);
    one.stands = link;
    one.href = link.href;
    one.setAttribute("aria-haspopup", "dialog");
    if (one.textContent !== name(link)) one.textContent = name(link);
    link.style.setProperty("display", "none", "important");
  }

  // Every time the page changes: the links that stand on it now.
  ours.dialogs = links => {
    const floating = links.filter(link => ours.mode(link) === "button");
    links.forEach(link => link.setAttribute("aria-haspopup", "dialog"));
    launchers.forEach((one, link) => {
      if (floating.includes(link)) return;
      launchers.delete(link);
      one.remove();
      link.style.removeProperty("display");
    });
    floating.forEach(launch);
    if (!shown.size) return;
    const meant = links.map(key);
    shown.forEach((entry, mark) => {
      if (!entry.box.open && !meant.includes(mark)) ours.end(entry);
    });
  };
  page.addEventListener("click", click);
  ours.look();
})(document, window[Symbol.for("townline")]);
