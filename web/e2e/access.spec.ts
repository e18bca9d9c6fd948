import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { agentDesk, Chat, ELDER } from "./support.ts";

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]).analyze();
  const found = violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
  expect(found).toEqual([]);
}

test("the customer page has no accessibility violations", async ({ page }) => {
  const chat = await Chat.signedIn(page);
  await expectAccessible(page);
  await chat.ask("转账手续费怎么收");
  await chat.ask("看看最近的交易明细");
  await chat.ask("查一下我的余额");
  await expectAccessible(page);
  await page.getByRole("button", { name: /^查看依据：/ }).first().click();
  await expect(page.getByRole("dialog").getByText("来源文件")).toBeVisible();
  await expectAccessible(page);
});

test("elder mode, demo and phone pages have none either", async ({ page }) => {
  await Chat.signedIn(page, ELDER);
  await expectAccessible(page);
  await page.goto("/demo");
  await expect(page.getByRole("button", { name: /进入客服/ }).first()).toBeVisible();
  await expectAccessible(page);
  await page.goto(`/phone?customer=${ELDER}`);
  await expectAccessible(page);
});

test("nor has the desk", async ({ page, browser }) => {
  const chat = await Chat.visitor(page);
  await chat.ask("帮我转人工");
  const desk = await agentDesk(browser);
  await expectAccessible(desk);
  await desk.getByRole("button", { name: /^接入/ }).first().click();
  await expect(desk.getByRole("textbox", { name: "回复客户" })).toBeVisible();
  await expectAccessible(desk);
  await desk.context().close();
});

test("a question can be asked and its source read by keyboard alone", async ({ page }) => {
  const chat = await Chat.visitor(page);
  await chat.box.focus();
  await page.keyboard.type("转账手续费怎么收");
  await page.keyboard.press("Enter");
  const source = page.getByRole("button", { name: /^查看依据：/ }).first();
  await expect(source).toBeVisible();
  for (let presses = 0; presses < 40; presses += 1) {
    if (await source.evaluate((it) => it === document.activeElement)) break;
    await page.keyboard.press("Shift+Tab");
  }
  await expect(source).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
});
