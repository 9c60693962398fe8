// Does everything stand where it is read? Runs in the page; returns sentences.
() => {
  const faults = [], wide = document.documentElement;
  const outside = ".heard, .trap, .skip, .leaflet-container, .scroll, svg, template, script, style, [hidden], select, textarea";
  const latin = /\(?\d{3}\)?[ -]\d{3}-\d{4}|\b\d\d-\d{4,}\b|[\w.+-]+@[\w-]+\.[\w.]+|\b\d+ (?:[A-Z][a-z]+ ?)+/g;
  if (wide.scrollWidth > wide.clientWidth) faults.push(`${wide.scrollWidth} pixels wide in a window of ${wide.clientWidth}`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  const place = (node, at) => {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect();
  };
  for (let node; (node = texts.nextNode());) {
    if (!node.data.trim() || node.parentElement.closest(outside) || !node.parentElement.checkVisibility()) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width && (box.left < -1 || box.right > wide.clientWidth + 1)) faults.push(`outside the window: ${node.data.trim()}`);
    // A telephone number, a request's number, an e-mail address and a house with its street are read from the left.
    for (const found of node.data.matchAll(latin)) {
      const first = place(node, found.index), last = place(node, found.index + found[0].trimEnd().length - 1);
      if (first.top === last.top && first.left > last.left) faults.push(`turned round: ${found[0]}`);
    }
  }
  for (const one of document.querySelectorAll("button, .button, .option, .tag, .ticket, .choice, summary, legend, th, td, dt, dd")) {
    if (one.closest(outside) || !one.checkVisibility()) continue;
    if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline") faults.push(`cut off or sticking out: ${one.textContent.trim().slice(0, 60)}`);
  }
  return faults;
}
