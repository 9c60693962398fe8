// The embed page: a button copies what stands in the field above it. Without this script the field can be
// selected and copied by hand, and there are no buttons.
(function () {
  "use strict";
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    var field = document.getElementById(button.dataset.copy), said = button.parentNode.querySelector("[role=status]");
    button.hidden = false;
    button.addEventListener("click", function () {
      field.focus();
      field.select();
      var copied = navigator.clipboard
        ? navigator.clipboard.writeText(field.value)
        : Promise.resolve(document.execCommand("copy") || Promise.reject());
      copied.then(function () { said.textContent = button.dataset.done; }, function () { said.textContent = button.dataset.byhand; });
    });
  });
})();
