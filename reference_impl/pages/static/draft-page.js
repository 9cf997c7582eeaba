// Makes the form on the page a draft of the artist that the page was given, or of a new one.

import { Draft } from "./draft.js";
import { DraftForm } from "./form.js";

const form = document.querySelector('[data-media-surface~="draft"]');
const given = form.querySelector('[data-part="artist"]');
new DraftForm(form, new Draft(given && JSON.parse(given.textContent))).listen();
