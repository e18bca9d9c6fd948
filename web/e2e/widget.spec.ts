import { createServer, type Server } from "node:http";
import { expect, test } from "@playwright/test";

// The pack lists these loopback origins: one as a partner's page, one as the
// bank's own (packs/demo/pack.yaml, origins).
const PARTNER_PORT = 7410;
const OWN_PORT = 7411;

let servers: Server[] = [];

test.beforeAll(async ({}, testInfo) => {
  const bank = testInfo.project.use.baseURL ?? "";
  const html = `<!doctype html><html lang="zh-CN"><title>合作方</title><style>button{background:red}</style>
    <h1>合作方页面</h1><script src="${bank}/widget.js" data-locale="zh" data-position="right" async></script></html>`;
  servers = await Promise.all(
    [PARTNER_PORT, OWN_PORT].map(
      (port) =>
        new Promise<Server>((resolve) => {
          const server = createServer((_, response) => {
            response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(html);
          });
          server.listen(port, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
});

test.afterAll(() => {
  for (const server of servers) server.close();
});

test("on a partner's page a product question is answered by a jump to the bank only", async ({ page }) => {
  await page.goto(`http://127.0.0.1:${PARTNER_PORT}/`);
  const globals = await page.evaluate(() => Object.keys(window).filter((name) => name === "Teller"));
  expect(globals).toEqual(["Teller"]);
  await page.getByRole("button", { name: "打开银行客服" }).click();

  const frame = page.frameLocator('iframe[title="银行客服"]');
  const box = frame.getByRole("textbox", { name: "输入您的问题" });
  await expect(frame.getByText(/合作方页面/)).toBeVisible();
  await box.fill("一年期定期存款利率是多少");
  await box.press("Enter");
  const reply = frame.locator(".item-machine").last();
  const jump = reply.getByRole("link");
  await expect(jump).toBeVisible();
  await expect(jump).toHaveAttribute("target", "_blank");
  await expect(jump).toHaveAttribute("rel", /noopener/);
  await expect(reply.getByRole("list", { name: "依据" })).toHaveCount(0);
  await expect(reply).not.toContainText(/\d+(\.\d+)?%/);
});

test("on the bank's own site the same question is answered", async ({ page }) => {
  await page.goto(`http://127.0.0.1:${OWN_PORT}/`);
  await page.getByRole("button", { name: "打开银行客服" }).click();
  const frame = page.frameLocator('iframe[title="银行客服"]');
  const box = frame.getByRole("textbox", { name: "输入您的问题" });
  await box.fill("手机银行转账收手续费吗");
  await box.press("Enter");
  await expect(frame.locator(".item-machine").last()).toContainText(/免费|免收/);
});

test("the launcher opens and closes by keyboard, and gives the focus back", async ({ page }) => {
  await page.goto(`http://127.0.0.1:${PARTNER_PORT}/`);
  const launcher = page.getByRole("button", { name: "打开银行客服" });
  await launcher.focus();
  await page.keyboard.press("Enter");
  const frame = page.frameLocator('iframe[title="银行客服"]');
  await frame.getByRole("button", { name: "收起对话" }).click();
  await expect(page.locator('iframe[title="银行客服"]')).toBeHidden();
  await expect(page.getByRole("button", { name: "打开银行客服" })).toBeFocused();
});
