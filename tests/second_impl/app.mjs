// The parts, put together.

import { Credentials } from "./credentials.mjs";
import { Library } from "./library.mjs";
import { Objects } from "./objects.mjs";
import { Records } from "./records.mjs";
import { Views } from "./views.mjs";

export function createApp(settings) {
  const records = new Records();
  const objects = new Objects();
  return {
    settings,
    records,
    objects,
    library: new Library(records, objects),
    views: new Views(settings.MEDIA_PUBLIC_BASE_URL),
    credentials: new Credentials(settings),
  };
}
