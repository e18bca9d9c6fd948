// Which page the widget's frame stands in.
//
// The browser's own word comes first; the address parameter, which the
// embedding page could have written itself, only where the browser is silent.

export function embeddingOrigin(): string {
  const ancestors = (window.location as Location & { ancestorOrigins?: DOMStringList }).ancestorOrigins;
  const nearest = ancestors?.[0];
  if (nearest && nearest !== "null") return nearest;
  if (document.referrer) {
    const referrer = new URL(document.referrer).origin;
    if (referrer !== window.location.origin) return referrer;
  }
  return new URLSearchParams(window.location.search).get("origin") ?? "null";
}
