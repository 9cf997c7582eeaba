// Who may write: the bearer of the write credential (RFC 6750).

import { createHash, timingSafeEqual } from "node:crypto";

import { Problem } from "./problems.mjs";

export class Credentials {
  #write;
  #operator;

  constructor(settings) {
    this.#write = digest(settings.MEDIA_WRITE_CREDENTIAL);
    this.#operator = digest(settings.MEDIA_OPERATOR_CREDENTIAL);
  }

  /** Passes for the write credential, and for nothing else. */
  judgeWriter(request) {
    const given = request.headersDistinct.authorization ?? [];
    if (given.join("").trim() === "") {
      throw new Problem("credential_missing", "This operation needs a credential.", { "WWW-Authenticate": "Bearer" });
    }
    const token = given.length === 1 ? /^Bearer +(\S+)$/i.exec(given[0])?.[1] : undefined;
    const offered = digest(token ?? "");
    if (timingSafeEqual(offered, this.#write)) return;
    if (timingSafeEqual(offered, this.#operator)) {
      throw new Problem("credential_wrong_role", "This operation needs the write credential.");
    }
    const challenge = { "WWW-Authenticate": 'Bearer error="invalid_token"' };
    throw new Problem("credential_unknown", "The credential is unknown.", challenge);
  }
}

function digest(text) {
  return createHash("sha256").update(text).digest();
}
