// What can go wrong for a client: one code each, with its status (RFC 9457).

import { STATUS_CODES } from "node:http";

const STATUSES = {
  request_malformed: 400,
  credential_missing: 401,
  credential_unknown: 401,
  credential_wrong_role: 403,
  artist_unknown: 404,
  media_unknown: 404,
  not_found: 404,
  method_not_allowed: 405,
  request_too_large: 413,
  request_type_unsupported: 415,
  type_unsupported: 415,
  range_unsatisfiable: 416,
  details_invalid: 422,
  media_not_allowed_here: 422,
  purpose_invalid: 422,
  alt_text_invalid: 422,
  sync_invalid: 422,
  cursor_invalid: 422,
  file_missing: 422,
  file_empty: 422,
  file_multiple: 422,
  type_mismatch: 422,
  dimensions_too_large: 422,
  image_undecodable: 422,
  image_animated: 422,
  internal: 500,
};

/** Thrown wherever a request turns out wrong; detail is for people and repeats nothing that the client sent. */
export class Problem extends Error {
  constructor(code, detail, headers = {}) {
    super(detail);
    this.code = code;
    this.status = STATUSES[code];
    this.headers = headers;
  }

  get body() {
    const { code, status, message: detail } = this;
    return { type: "about:blank", title: STATUS_CODES[status], status, code, detail };
  }
}

export const nothingHere = () => new Problem("not_found", "There is nothing at this path.");
