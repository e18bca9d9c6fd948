import { expect, test } from "@playwright/test";
import { Chat } from "./support.ts";

test("a question gets an answer whose citation opens the article", async ({ page }) => {
  const chat = await Chat.visitor(page);
  await chat.ask("用手机银行转账要手续费吗");
  const reply = chat.replies.last();
  await expect(reply).toContainText(/免费|免收/);
  await expect(reply.locator(".from .ai")).toHaveText("AI");

  await reply.getByRole("button", { name: /^查看依据：.*手续费/ }).first().click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("heading", { name: /手续费/ })).toBeVisible();
  await expect(sheet.getByText("生效日期")).toBeVisible();
  await expect(sheet.getByText(/^\d{4}-\d{2}-\d{2}$/).first()).toBeVisible();
  await expect(sheet.getByText("来源文件")).toBeVisible();
  await expect(sheet.getByText("版本", { exact: true })).toBeVisible();

  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(reply.getByRole("button", { name: /^查看依据：/ }).first()).toBeFocused();
});

test("a visitor who wants to see money is asked to sign in, and nothing is shown", async ({ page }) => {
  const chat = await Chat.visitor(page);
  await chat.ask("我卡里还有多少钱");
  await expect(chat.replies.last()).toContainText(/登录/);
  await expect(chat.log).not.toContainText("¥");
});

test("a message that is too long is not sent, and the page says so", async ({ page }) => {
  const chat = await Chat.visitor(page);
  await chat.box.fill("字".repeat(2_001));
  await expect(page.getByText(/超出 1 字/)).toBeVisible();
  await expect(page.getByRole("button", { name: "发送" })).toBeDisabled();
  await chat.box.press("Enter");
  await expect(chat.mine).toHaveCount(0);
});

test("the Enter that ends a composition does not send", async ({ page }) => {
  const chat = await Chat.visitor(page);
  await chat.box.fill("转账");
  await chat.box.evaluate((box) => {
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }));
  });
  await expect(chat.box).toHaveValue("转账");
  await expect(chat.mine).toHaveCount(0);
});
