// Help for "Where is it?": suggestions while typing, "Use my location", and the map when it is asked for.
// The text field asks the same without any of it. All words come from the page or from the server.
(function () {
  "use strict";
  var page = document, help = page.getElementById("help"), words = page.getElementById("place");
  if (!help || !words) return;
  function by(id) { return page.getElementById(id); }
  var list = by("place-found"), count = by("place-count"), line = by("place-line"), said = help.dataset;
  var options = [], active = -1, timer, asking;

  // -- the position: one place to set it, and everybody hears of it --

  function put(lat, lon, spot, from, metres) {
    lat = (+lat).toFixed(6);
    lon = (+lon).toFixed(6);
    by("lat").value = lat;
    by("lon").value = lon;
    by("spot").value = spot ? lat + "," + lon + "|" + spot : "";
    by("spot_of").value = spot;
    by("unplace").hidden = false;
    page.dispatchEvent(new CustomEvent("placed", { detail: { lat: +lat, lon: +lon, from: from, metres: metres } }));
  }
  function forget() {
    ["lat", "lon", "spot", "spot_of"].forEach(function (id) { by(id).value = ""; });
    line.textContent = "";
    by("unplace").hidden = true;
  }
  function ask(values) {
    // By POST: what is typed here must not stand in an address that logs keep.
    if (asking) asking.abort();
    asking = new AbortController();
    return fetch(said.places, { method: "POST", body: new URLSearchParams(values), credentials: "omit", signal: asking.signal })
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer.status); });
  }
  page.townlinePlace = { put: put, ask: ask };

  // -- suggestions: a combobox as ARIA 1.2 describes it --

  words.setAttribute("role", "combobox");
  words.setAttribute("aria-autocomplete", "list");
  words.setAttribute("aria-controls", list.id);
  words.setAttribute("aria-expanded", "false");
  // Only while it is typed in: what a field without autocomplete held is gone when somebody goes Back to it.
  var fill = words.autocomplete;
  words.addEventListener("focus", function () { words.autocomplete = "off"; });
  ["blur", "change"].forEach(function (name) { words.addEventListener(name, function () { words.autocomplete = fill; }); });
  function close() {
    clearTimeout(timer);
    list.hidden = true;
    active = -1;
    words.setAttribute("aria-expanded", "false");
    words.removeAttribute("aria-activedescendant");
  }
  function mark(at) {
    if (active >= 0) list.children[active].setAttribute("aria-selected", "false");
    active = at;
    if (at < 0) return words.removeAttribute("aria-activedescendant");
    var item = list.children[at];
    item.setAttribute("aria-selected", "true");
    words.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }
  function show(found) {
    options = found.places;
    list.textContent = "";
    options.forEach(function (one, at) {
      var item = page.createElement("li");
      item.id = "place-found-" + at;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.appendChild(page.createElement("bdi")).textContent = one.label;
      if (one.note) item.appendChild(page.createElement("small")).textContent = one.note;
      // Before the field loses the focus.
      item.addEventListener("pointerdown", function (event) { event.preventDefault(); });
      item.addEventListener("click", function () { pick(at); });
      list.appendChild(item);
    });
    active = -1;
    count.textContent = found.said;
    list.hidden = !options.length;
    words.setAttribute("aria-expanded", String(!!options.length));
    words.removeAttribute("aria-activedescendant");
  }
  function pick(at) {
    var one = options[at];
    words.value = words.dataset.filled = one.words;
    close();
    count.textContent = "";
    if (!one.at) return;
    put(one.at[0], one.at[1], one.words, "words");
    line.textContent = line.dataset.found.replace("{place}", one.label);
  }
  function look() {
    ask({ q: words.value }).then(function (found) {
      if (page.activeElement === words) show(found);
    }, close);
  }
  words.addEventListener("input", function () {
    clearTimeout(timer);
    // The position belonged to other words; one that was set by hand stays.
    if (by("spot").value && by("spot_of").value !== words.value.trim()) forget();
    if (words.value.trim().length < 2) return close();
    timer = setTimeout(look, 180);
  });
  words.addEventListener("keydown", function (event) {
    var key = event.key, is_open = !list.hidden;
    if (event.isComposing) return;
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (!is_open) { if (key === "ArrowDown" && words.value.trim().length > 1) look(); return; }
      event.preventDefault();
      var step = key === "ArrowDown" ? 1 : -1, size = options.length;
      mark(active < 0 && step < 0 ? size - 1 : (active + step + size) % size);
    } else if (key === "Enter" && is_open && active >= 0) {
      event.preventDefault();
      pick(active);
    } else if (key === "Escape" && is_open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (key === "Tab") close();
  });
  words.addEventListener("blur", close);

  // -- my location --

  by("locate").hidden = !navigator.geolocation;
  by("locate").addEventListener("click", function () {
    line.textContent = said.wait;
    navigator.geolocation.getCurrentPosition(function (found) {
      var at = found.coords, metres = Math.max(1, Math.round(at.accuracy));
      put(at.latitude, at.longitude, "", "here", metres);
      line.textContent = said.here.replace("{metres}", metres);
      ask({ lat: at.latitude, lon: at.longitude }).then(function (near) {
        line.textContent = said.here.replace("{metres}", metres) + " " + near.said;
      }, function () {});
    }, function (error) {
      line.textContent = said[["nowhere", "refused", "nowhere", "late"][error.code] || "nowhere"];
    }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  });

  // -- the map: fetched when it is opened, not before --

  var opener = by("show-map"), part = by("map-part");
  function load(name, address, ready) {
    var is_script = name === "script", made = page.createElement(name);
    if (is_script) made.src = address;
    else { made.rel = "stylesheet"; made.href = address; }
    made.onload = ready;
    made.onerror = function () { part.hidden = true; opener.hidden = true; line.textContent = said.broken; };
    page.head.appendChild(made);
  }
  if (opener) opener.addEventListener("click", function () {
    var other = opener.dataset.hide;
    opener.dataset.hide = opener.textContent;
    opener.textContent = other;
    part.hidden = !part.hidden;
    opener.setAttribute("aria-expanded", String(!part.hidden));
    if (page.townlineMap) return page.townlineMap();
    if (opener.dataset.asked) return;
    opener.dataset.asked = 1;
    load("link", opener.dataset.style, function () { load("script", opener.dataset.script); });
  });
  help.hidden = false;
})();
