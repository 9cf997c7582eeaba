// Where a gate stands before a page: what goes out while the page is left would pass it unseen, so there is none of it.
(() => {
  const send = window.fetch;
  window.fetch = (what, how) => send(what instanceof Request ? new Request(what, {keepalive: false}) : what, {...how, keepalive: false});
  let left = false;
  addEventListener("pagehide", () => { left = true; }, true);
  const beacon = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (...told) => !left && beacon(...told);
})();
