// Advice before anything is sent. The server judges, whatever is said here.

/** Why the server would hardly take this entry, or null. `size` is that of the decoded picture, null if there is none. */
export function advice({ file, altText }, size, policy) {
  if (!policy.acceptedTypes.includes(file.type)) return `The file should be ${policy.acceptedTypes.join(", ")}.`;
  if (file.size > policy.maxRequestBytes) return `The file should have less than ${policy.maxRequestBytes} bytes.`;
  if (!size) return "The browser cannot decode this file.";
  if (Math.max(size.width, size.height) > policy.maxSidePixels) {
    return `No side should have more than ${policy.maxSidePixels} pixels.`;
  }
  if (size.width * size.height > policy.maxPixels) return `The picture should have at most ${policy.maxPixels} pixels.`;
  if ([...(altText ?? "")].length > policy.altTextMaxCodePoints) {
    return `The alternative text should have at most ${policy.altTextMaxCodePoints} characters.`;
  }
  return null;
}
