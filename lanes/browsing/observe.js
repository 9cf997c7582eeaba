// Runs before any script of the page: keeps what a browser tells only while it happens.
(() => {
  const seen = {shifts: [], largest: null};
  Object.defineProperty(window, "__medialane", {value: seen});
  // Layout Instability API; a shift that the user's own input has caused does not count.
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) {
      if (!each.hadRecentInput) seen.shifts.push({value: each.value, at: each.startTime / 1000});
    }
  }).observe({type: "layout-shift", buffered: true});
  // Largest Contentful Paint: the last entry is the largest one so far.
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) seen.largest = {url: each.url, area: each.size};
  }).observe({type: "largest-contentful-paint", buffered: true});
})();
