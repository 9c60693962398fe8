// The map of "Where is it?". Tap, click, arrow keys or buttons place the pin; dragging is never needed.
// Arrow keys move the pin and not the ground, Tab leaves at once, and one finger scrolls the page.
(function (L, page) {
  "use strict";
  var part = page.getElementById("map-part"), set = part.dataset, place = page.townlinePlace;
  var ground = page.getElementById("map-ground"), line = page.getElementById("map-line");
  var words = page.getElementById("place"), status = page.getElementById("place-line");
  var is_calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  var is_touch = matchMedia("(pointer: coarse)").matches;
  var STEP = 8, BIG = 48, ROUND = { animate: !is_calm };
  function corners(said) {
    var box = said.split(",").map(Number);
    return L.latLngBounds([box[0], box[1]], [box[2], box[3]]);
  }
  var around = corners(set.bounds);
  var CLOSE = 17, timer, pin, circle;

  var map = L.map(ground, {
    attributionControl: false, zoomControl: false, keyboard: false, scrollWheelZoom: false,
    dragging: !is_touch, touchZoom: true, inertia: !is_calm,
    zoomAnimation: !is_calm, fadeAnimation: !is_calm, markerZoomAnimation: !is_calm,
    // Quarters of a step, so that the town fills the frame, also on a small telephone.
    maxBounds: around.pad(0.5), zoomSnap: 0.25, minZoom: +set.smallest, maxZoom: +set.largest
  });
  function scheme() {
    return getComputedStyle(page.documentElement).colorScheme === "dark" ? "dark" : "light";
  }
  function address() { return set.tiles.replace("{scheme}", scheme()); }
  var tiles = L.tileLayer(address(), { minZoom: +set.smallest, maxZoom: +set.largest, bounds: around }).addTo(map);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
    // Put in anew: drawn again where it is, it would ask for pictures of a quarter of a step, which there are none of.
    tiles.remove().setUrl(address(), true).addTo(map);
  });
  if (set.attribution) L.control.attribution({ prefix: false }).addAttribution(page.createTextNode(set.attribution).data.replace(/[<&]/g, "")).addTo(map);

  ground.tabIndex = 0;
  ground.setAttribute("role", "application");
  ground.setAttribute("aria-label", set.name);
  ground.setAttribute("aria-describedby", "map-hint map-line");

  function tell(at, is_known) {
    clearTimeout(timer);
    timer = setTimeout(function () {
      place.ask({ lat: at.lat.toFixed(6), lon: at.lng.toFixed(6) }).then(function (near) {
        line.textContent = near.said;
        if (is_known) return;
        status.textContent = "";
        // What the resident typed stays; what the map wrote is written anew.
        if (near.words && (!words.value.trim() || words.value === words.dataset.filled)) words.value = words.dataset.filled = near.words;
      }, function () {});
    }, 350);
  }
  function draw(at) {
    if (pin) return pin.setLatLng(at);
    pin = L.marker(at, {
      draggable: true, keyboard: false, autoPan: true,
      icon: L.divIcon({ className: "pin", iconSize: [36, 44], iconAnchor: [18, 42] })
    }).addTo(map);
    pin.getElement().setAttribute("aria-hidden", "true");
    pin.on("dragend", function () { put(pin.getLatLng()); });
  }
  function keep() {
    if (pin) map.panInside(pin.getLatLng(), { padding: [48, 48], animate: false });
  }
  function put(at) {
    at = L.latLng(at).wrap();
    if (circle) circle.remove();
    draw(at);
    keep();
    place.put(at.lat, at.lng, "", "map");
    tell(at);
  }
  function move(east, south) {
    if (!pin) return put(map.getCenter());
    put(map.unproject(map.project(pin.getLatLng()).add([east, south])));
  }
  var moves = {
    north: function (by) { move(0, -by); }, south: function (by) { move(0, by); },
    west: function (by) { move(-by, 0); }, east: function (by) { move(by, 0); },
    in: function () { zoom(1); }, out: function () { zoom(-1); },
    middle: function () { put(map.getCenter()); }
  };
  function zoom(by) {
    if (pin) map.setZoomAround(pin.getLatLng(), map.getZoom() + by, ROUND);
    else map.setZoom(map.getZoom() + by, ROUND);
  }
  var keys = { ArrowUp: "north", ArrowDown: "south", ArrowLeft: "west", ArrowRight: "east",
    "+": "in", "=": "in", "-": "out", Enter: "middle" };
  ground.addEventListener("keydown", function (event) {
    var what = keys[event.key];
    if (!what || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.key === "Enter" && pin) return;
    moves[what](event.shiftKey ? BIG : STEP);
  });
  part.addEventListener("click", function (event) {
    var button = event.target.closest("[data-move]");
    if (button) moves[button.dataset.move](STEP * 2);
  });
  map.on("zoomend", keep);
  map.on("click", function (event) { put(event.latlng); });
  page.addEventListener("placed", function (event) {
    var one = event.detail;
    if (one.from === "map") return;
    if (circle) circle.remove();
    draw([one.lat, one.lon]);
    if (one.metres) circle = L.circle([one.lat, one.lon], { radius: one.metres, className: "good-to", interactive: false }).addTo(map);
    map.setView([one.lat, one.lon], Math.max(map.getZoom(), CLOSE), ROUND);
    tell({ lat: one.lat, lng: one.lon }, true);
  });

  var lat = page.getElementById("lat").value, lon = page.getElementById("lon").value;
  if (lat && lon && isFinite(lat) && isFinite(lon)) {
    map.setView([+lat, +lon], CLOSE, { animate: false });
    draw([+lat, +lon]);
    tell({ lat: +lat, lng: +lon }, true);
  } else map.fitBounds(corners(set.town), { padding: [6, 6], animate: false });
  page.townlineMap = function () { map.invalidateSize(); };
})(window.L.noConflict(), document);
