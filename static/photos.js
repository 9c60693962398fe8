// Photos leave as soon as they are picked: scaled down, one after another, each with a row of its own.
// Without this they leave with the step. All words come from the page or from the server.
// A row has its full height from the start: nothing moves under the finger of whoever goes on meanwhile.
(() => {
  var page = document, input = page.getElementById("photos"), row = page.getElementById("photo-row");
  if (!row || !input || !self.createImageBitmap) return;
  var form = input.form, list = page.getElementById("photo-list"), news = page.getElementById("photo-news");
  var words = row.dataset, side = 2048, waiting = [], busy, pressed;

  function small(file) {
    // The browser turns it upright. What it cannot read, such as HEIC, goes as it is.
    return createImageBitmap(file).then(map => {
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
      return new Promise(done => canvas.toBlob(done, "image/jpeg", .85));
    }).catch(() => {}).then(blob => blob && blob.size < file.size ? blob : file);
  }
  // The page brings an empty field for every photo that may still come. What stood in them is there again
  // after Back, and so are the rows. (To write it into the history would turn this step into another GET.)
  var slots = [...form.querySelectorAll("[data-slot]")];
  function free() {
    return slots.find(field => !field.value);
  }
  function add(file) {
    var item = row.content.firstElementChild.cloneNode(true), buttons = item.querySelectorAll("button");
    var image = item.querySelector("img"), bar = item.querySelector("progress"), state = item.querySelector(".state");
    var call, is_gone, slot, tries = 36;
    buttons.forEach(button => button.lastChild.textContent = " " + (file.form ? "" : file.name));
    function tell(sentence, is_failed, may_retry) {
      news.textContent = state.textContent = sentence;
      item.classList.toggle("failed", !!is_failed);
      bar.hidden = is_failed;
      buttons[1].hidden = !may_retry;
    }
    function keep(field) {
      slot = field;
      tell(words.kept);
      bar.hidden = image.nextSibling.hidden = true;
      image.src = "/report/photo/" + field.value;
      image.hidden = false;
    }
    function send() {
      if (is_gone) return;
      if (!free()) return tell(words.full, true, true);
      tell(words.sending);
      return small(file).then(blob =>
        new Promise(done => {
          var data = new FormData(form);
          data.set("photos", blob, file.name);
          // Scaling loses the place that the photo tells; the beginning of the original has it.
          if (blob !== file) data.set("original", file.slice(0, 262144));
          call = new XMLHttpRequest();
          call.open("POST", "/report/photos");
          call.responseType = "json";
          call.upload.onprogress = event => bar.value = event.loaded / event.total;
          call.onloadend = () => {
            // Others are being read: this one keeps its turn and comes again.
            if (call.status === 503 && tries--) {
              waiting.unshift(send);
              return setTimeout(done, 5e3, tell(words.wait));
            }
            done();
            if (is_gone) return;
            var said = call.response || {};
            if (said.token) form.elements.token.value = said.token;
            if (!said.name) return tell(said.say || words.failed, true, said.token || call.status !== 422);
            var field = free();
            field.value = said.name;
            // Beside it is the field for the place that the photo tells.
            field.nextSibling.value = said.taken || "";
            keep(field);
          };
          call.send(data);
        }));
    }
    function queue() {
      tell(words.wait);
      waiting.push(send);
      next();
    }
    buttons[0].onclick = () => {
      is_gone = true;
      item.remove();
      if (call) call.abort();
      if (slot) slot.value = slot.nextSibling.value = "";
      news.textContent = words.gone;
      input.focus();
    };
    buttons[1].onclick = queue;
    list.hidden = false;
    list.append(item);
    if (file.form) keep(file);
    else queue();
  }
  function next() {
    if (busy) return;
    var send = waiting.shift();
    if (send) {
      busy = true;
      Promise.resolve(send()).then(() => {
        busy = false;
        next();
      });
    } else if (pressed) {
      // Not with a photo lost on the way: who presses once more has seen it.
      if (!list.querySelector(".failed")) pressed.click();
      pressed = 0;
    }
  }
  input.onchange = () => {
    [...input.files].forEach(add);
    input.value = "";
  };
  // Picked before this script had arrived.
  input.onchange();
  function redraw() {
    slots.forEach(field => {
      if (field.value && !list.querySelector("[src$='" + field.value + "']")) add(field);
    });
  }
  redraw();
  addEventListener("pageshow", redraw);
  // Who goes on while a photo is on its way goes on as soon as it has arrived.
  form.addEventListener("click", event => {
    var button = event.target.closest("button:not([type])");
    if (!busy || !button) return;
    event.preventDefault();
    event.stopPropagation();
    pressed = button;
    news.textContent = words.sending;
  }, true);
})();
