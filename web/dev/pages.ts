// Which HTML file answers a page path; the same table as the server's.

/** The HTML file of a page path, or nothing for assets and the API. */
export function pageFor(url: string): string | undefined {
  const path = url.replace(/[?#].*$/, "");
  if (path === "/" || path === "/index.html") return "index.html";
  if (path === "/desk" || path.startsWith("/desk/")) return "desk.html";
  if (path === "/embed" || path === "/phone" || path === "/demo") return `${path.slice(1)}.html`;
  return undefined;
}
