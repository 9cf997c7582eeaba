// The media policy: the numbers that are published are the ones that are used.

export const CONTRACT_VERSION = "1.0.0";

/** Bounds of artist details, which the policy does not publish. */
export const NAME_MAX_CODE_POINTS = 200;
export const BIO_MAX_CODE_POINTS = 5000;

export const SYNC_MAX_ITEMS = 1000;
export const PURPOSES = ["profile", "gallery"];

export const LIMITS = Object.freeze({
  acceptedTypes: ["image/jpeg", "image/png", "image/webp"],
  maxRequestBytes: 15 * 1024 * 1024,
  maxSidePixels: 12_000,
  maxPixels: 50_000_000,
  canonicalLongSide: 2048,
  thumbnailLongSide: 480,
  blurLongSide: 32,
  blurMaxBytes: 2048,
  altTextMaxCodePoints: 500,
  originalFileNameMaxCodePoints: 255,
});

export function publishedPolicy(settings) {
  return { ...LIMITS, storageTimeoutSeconds: Number(settings.MEDIA_STORAGE_TIMEOUT_SECONDS) };
}
