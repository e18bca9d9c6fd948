import { expect, test } from "@playwright/test";
import { Chat, codeOf, CUSTOMER, NEW_PAYEE } from "./support.ts";

async function toConfirmCard(chat: Chat, amount: string) {
  await chat.ask("我要转账");
  await chat.ask(NEW_PAYEE.name);
  await chat.ask(NEW_PAYEE.account);
  await chat.ask(amount);
  const accounts = chat.replies.last().getByRole("group", { name: "请选择一项" });
  if (await accounts.isVisible()) await chat.tap(accounts.getByRole("button").first());
  const confirm = chat.log.locator(".confirm").last();
  await expect(confirm).toBeVisible();
  return confirm;
}

test("a transfer to a new payee: confirm card, code from the phone, receipt", async ({ page, context }) => {
  const chat = await Chat.signedIn(page);
  expect(page.url()).not.toContain("handover");

  const confirm = await toConfirmCard(chat, "120元");
  await expect(confirm).toContainText(NEW_PAYEE.name);
  await expect(confirm).toContainText("120.00");
  await expect(confirm).toContainText("资金变动");
  await chat.tap(confirm.getByRole("button", { name: "确认办理" }));
  await expect(confirm).toContainText("您已确认");
  await expect(confirm.getByRole("button", { name: "确认办理" })).toBeHidden();

  // The code is read where a customer reads it: on the phone.
  const phone = await context.newPage();
  await phone.goto(`/phone?customer=${CUSTOMER}`);
  const shown = phone.getByRole("status", { name: "验证码" }).last();
  await expect(shown).toHaveText(/^\d{6}$/);
  const code = (await shown.textContent()) ?? "";
  expect(code).toBe(await codeOf(page.request, CUSTOMER));
  await phone.close();

  const entry = page.getByRole("textbox", { name: "6 位短信验证码" });
  const wrong = code === "000000" ? "000001" : "000000";
  await entry.fill(wrong);
  await page.getByRole("button", { name: "提交" }).click();
  await expect(page.getByText("验证码不正确")).toBeVisible();
  await entry.fill(code);
  await page.getByRole("button", { name: "提交" }).click();

  const receipt = chat.card(/^回单/).last();
  await expect(receipt).toBeVisible();
  await expect(receipt).toContainText("120.00");
  await expect(receipt).toContainText(NEW_PAYEE.name);
  await expect(chat.log).not.toContainText(code);
  await expect(chat.card(/^回单/)).toHaveCount(1);
});

test("refusing the confirm card does nothing", async ({ page }) => {
  const chat = await Chat.signedIn(page);
  const confirm = await toConfirmCard(chat, "135元");
  await chat.tap(confirm.getByRole("button", { name: "不办理" }));
  await expect(confirm).toContainText("您已选择不办理");
  await expect(chat.card(/^回单/)).toHaveCount(0);
});
