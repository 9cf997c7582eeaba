// Scrolls whatever scrolls in the middle of the screen, to its end and no faster than pictures can be asked for.
// Answers whether anything moved.
async ({share, most}) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));
  const place = () => [scrollY, ...[...document.images].slice(-1).map((each) => each.getBoundingClientRect().top)].join();
  const scrolls = (each) =>
    each.scrollTop + each.clientHeight < each.scrollHeight - 1 && /auto|scroll|overlay/.test(getComputedStyle(each).overflowY);
  const scroller = () => {
    let each = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    while (each && !scrolls(each)) each = each.parentElement;
    return each || document.scrollingElement || document.documentElement;
  };
  const first = place();
  let before;
  for (let step = 0; step < most; step++) {
    await drawn();
    const now = place();
    if (now === before) break;
    before = now;
    scroller().scrollBy({top: innerHeight * share, behavior: "instant"});
  }
  return place() !== first;
}
