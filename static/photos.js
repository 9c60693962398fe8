// Photos leave as soon as they are picked: scaled down, one after another, each with a row of its own.
// Without this they leave with the step. All words come from the page or from the server.
(function () {
  "use strict";
  var page = document, input = page.getElementById("photos"), row = page.getElementById("photo-row");
  if (!row || !input || !self.createImageBitmap) return;
  var form = input.form, list = page.getElementById("photo-list"), news = page.getElementById("photo-news");
  var offer = page.getElementById("offer"), words = row.dataset, side = 2048, waiting = [], busy, pressed;

  function small(file) {
    // The browser turns it upright. What it cannot read, such as HEIC, goes as it is.
    return createImageBitmap(file).then(function (map) {
      var share = side / Math.max(map.width, map.height), canvas = page.createElement("canvas");
      if (share >= 1) return file;
      canvas.width = map.width * share;
      canvas.height = map.height * share;
      var brush = canvas.getContext("2d");
      brush.fillStyle = "#fff";
      brush.fillRect(0, 0, side, side);
      brush.imageSmoothingQuality = "high";
      brush.drawImage(map, 0, 0, canvas.width, canvas.height);
      map.close();
      return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", .85); });
    }).catch(function () {}).then(function (blob) {
      return blob && blob.size < file.size ? blob : file;
    });
  }
  function hide(item, name, value) {
    var field = page.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    item.append(field);
  }
  function ask(value, sentence) {
    offer.hidden = !value;
    offer.querySelector("p").textContent = sentence;
    offer.querySelectorAll("[name]").forEach(function (one) {
      one.value = value;
      one.disabled = !value;
    });
  }
  function add(file) {
    var item = row.content.firstElementChild.cloneNode(true), buttons = item.querySelectorAll("button");
    var image = item.querySelector("img"), bar = item.querySelector("progress"), state = item.querySelector(".state");
    var call, is_gone, taken;
    buttons.forEach(function (button) { button.lastChild.textContent = " " + file.name; });
    function tell(sentence, is_failed, may_retry) {
      news.textContent = state.textContent = sentence;
      item.classList.toggle("failed", !!is_failed);
      bar.hidden = is_failed;
      buttons[1].hidden = !may_retry;
    }
    function send() {
      if (is_gone) return;
      if (form.querySelectorAll("[name=photo]").length >= words.most) return tell(words.full, true, true);
      tell(words.sending);
      return small(file).then(function (blob) {
        return new Promise(function (done) {
          var data = new FormData(form);
          data.set("photos", blob, file.name);
          // Scaling loses the place that the photo tells; the beginning of the original has it.
          if (blob !== file) data.set("original", file.slice(0, 262144));
          call = new XMLHttpRequest();
          call.open("POST", "/report/photos");
          call.responseType = "json";
          call.upload.onprogress = function (event) { bar.value = event.loaded / event.total; };
          call.onloadend = function () {
            done();
            if (is_gone) return;
            var said = call.response || {};
            if (!said.name) return tell(said.say || words.failed, true, call.status !== 422);
            tell(words.kept);
            bar.remove();
            image.nextSibling.remove();
            image.src = said.url;
            image.hidden = false;
            hide(item, "photo", said.name);
            if (taken = said.taken) hide(item, "taken", taken);
            if (said.offer) ask(taken, said.offer);
          };
          call.send(data);
        });
      });
    }
    function queue() {
      tell(words.wait);
      waiting.push(send);
      next();
    }
    buttons[0].onclick = function () {
      is_gone = true;
      item.remove();
      if (call) call.abort();
      if (taken && taken === offer.querySelector("[name]").value) ask("", "");
      news.textContent = words.gone;
      input.focus();
    };
    buttons[1].onclick = queue;
    list.hidden = false;
    list.append(item);
    queue();
  }
  function next() {
    if (busy) return;
    var send = waiting.shift();
    if (send) {
      busy = true;
      Promise.resolve(send()).then(function () {
        busy = false;
        next();
      });
    } else if (pressed) {
      // Not with a photo lost on the way: who presses once more has seen it.
      if (!list.querySelector(".failed")) pressed.click();
      pressed = 0;
    }
  }
  input.onchange = function () {
    [].forEach.call(input.files, add);
    input.value = "";
  };
  // Who goes on while a photo is on its way goes on as soon as it has arrived.
  form.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!busy || !button || button.type !== "submit") return;
    event.preventDefault();
    event.stopPropagation();
    pressed = button;
    news.textContent = words.sending;
  }, true);
})();
