// Turns to the next and previous picture without another page. Without this script the controls are links to the same.

const carousel = document.querySelector('[data-media-surface~="carousel"]');

function turn(by) {
  const slides = [...carousel.querySelectorAll(".slide")];
  const from = slides.findIndex((slide) => !slide.hidden);
  const to = turned(from, by, slides.length);
  slides[from].hidden = true;
  slides[to].hidden = false;
  carousel.querySelector(".place").textContent = to + 1;
  for (const control of controls()) {
    control.search = `?slide=${turned(to, Number(control.dataset.turn), slides.length) + 1}`;
  }
  history.replaceState(null, "", `?slide=${to + 1}`);
}

const turned = (place, by, count) => (place + by + count) % count;
const controls = () => carousel.querySelectorAll("[data-turn]");

if (carousel && controls().length > 0) {
  for (const control of controls()) {
    control.addEventListener("click", (event) => {
      event.preventDefault();
      turn(Number(control.dataset.turn));
    });
  }
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const typing = event.target.closest("input, textarea, select");
    if (!by || typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    turn(by);
  });
}
