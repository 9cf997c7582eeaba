// What the surfaces of a page show at this moment.
(words) => {
  const everywhere = Object.values(words.surfaces).map((each) => each.selector).join(", ");

  const box = (element) => {
    const at = element.getBoundingClientRect();
    return {left: at.left + scrollX, top: at.top + scrollY, width: at.width, height: at.height};
  };

  // The part of a box that lies within another one, from 0 to 1.
  const within = (inner, outer) => {
    const width = Math.min(inner.left + inner.width, outer.left + outer.width) - Math.max(inner.left, outer.left);
    const height = Math.min(inner.top + inner.height, outer.top + outer.height) - Math.max(inner.top, outer.top);
    const area = inner.width * inner.height;
    return area > 0 ? (Math.max(width, 0) * Math.max(height, 0)) / area : 0;
  };

  const image = (element, frame) => ({
    url: element.currentSrc || element.src,
    lazy: element.loading === "lazy",
    complete: element.complete,
    width: element.naturalWidth,
    height: element.naturalHeight,
    alt: element.getAttribute("alt"),
    box: box(element),
    visible: seen(element),
    inside: within(box(element), box(frame)),
    lead: element.closest(words.lead) !== null,
  });

  // Every address from which an element, or something within it, takes a picture that can be seen.
  const seen = (each) => each.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const addresses = (element) => [element, ...element.querySelectorAll("*")].filter(seen).flatMap((each) => [
    ...[each.currentSrc || each.src, each.poster, each.href?.baseVal].filter((url) => typeof url === "string" && url),
    ...[null, "::before", "::after"].flatMap((pseudo) => {
      const style = getComputedStyle(each, pseudo);
      const places = [style.backgroundImage, style.content, style.maskImage, style.borderImageSource, style.listStyleImage];
      return places.flatMap((place) => [...(place || "").matchAll(/url\("((?:[^"\\]|\\.)*)"\)/g)].map((found) => found[1]));
    }),
  ]);

  const spots = [];
  for (const [surface, {selector, subject}] of Object.entries(words.surfaces)) {
    const marked = `[${subject}]`;
    for (const frame of document.querySelectorAll(selector)) {
      const subjects = [frame, ...frame.querySelectorAll("*")].filter((each) => each.matches(marked) && each.closest(everywhere) === frame);
      for (const each of subjects) {
        const images = [each, ...each.querySelectorAll("*")].filter(
          (found) => found.matches("img") && found.closest(marked) === each && found.closest(everywhere) === frame,
        );
        spots.push({
          surface,
          item: each.closest(`[${words.item}]`)?.getAttribute(words.item) ?? null,
          artist: each.closest(`[${words.artist}]`)?.getAttribute(words.artist) ?? null,
          elements: images.length > 0 ? images : [each],
          images: images.map((found) => image(found, frame)),
          addresses: surface === "blurred-background" ? [...new Set(addresses(each))] : [],
        });
      }
    }
  }
  // Images that belong to nothing that a surface shows, and to no draft.
  const strays = [...document.images]
    .filter((each) => each.closest(words.draft) === null && !spots.some((spot) => spot.elements.includes(each)))
    .map((each) => image(each, document.documentElement));
  for (const spot of spots) delete spot.elements;
  return {spots, strays, shifts: window.__medialane.shifts, largest: window.__medialane.largest, fold: innerHeight};
}
