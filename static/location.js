// "Use my location": help for those who want it. The text field asks the same without it.
(function () {
  "use strict";
  var box = document.getElementById("locate");
  if (!box || !navigator.geolocation) return;
  var button = box.querySelector("button"), status = box.querySelector("[role=status]");
  var lat = document.getElementById("lat"), lon = document.getElementById("lon");
  function say(name, metres) {
    status.textContent = (box.dataset[name] || "").replace("{metres}", metres);
  }
  box.hidden = false;
  button.addEventListener("click", function () {
    say("wait");
    navigator.geolocation.getCurrentPosition(function (found) {
      lat.value = found.coords.latitude.toFixed(6);
      lon.value = found.coords.longitude.toFixed(6);
      say("found", Math.round(found.coords.accuracy));
    }, function () { say("failed"); }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  });
})();
