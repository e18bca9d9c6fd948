import { expect, test } from "@playwright/test";
import { agentDesk, Chat } from "./support.ts";

test("转人工 reaches the desk with its context; the agent answers and hands back", async ({ page, browser }) => {
  const desk = await agentDesk(browser);
  const chat = await Chat.signedIn(page);
  const mark = `我想问一下贷款提前还款的违约金 ${Date.now() % 100_000}`;
  await chat.ask(mark);
  await chat.tap(page.getByRole("button", { name: "转人工" }).first());
  await expect(chat.log.getByText("正在转接人工客服")).toBeVisible();

  // Whoever waited longest is first; ours is the newest.
  await desk.getByRole("button", { name: /^接入/ }).last().click();
  const transcript = desk.getByRole("log", { name: "对话" });
  await expect(transcript).toContainText(mark);
  const context = desk.getByRole("complementary", { name: "客户与上下文" });
  await expect(context).toContainText("交接摘要");
  await expect(context).toContainText("L1");
  await expect(page.getByText(/人工客服 .+ 正在为您服务/)).toBeVisible();

  await desk.getByRole("textbox", { name: "回复客户" }).fill("您好，我来为您查一下。");
  await desk.keyboard.press("Enter");
  await expect(chat.log.locator(".item-agent")).toContainText("您好，我来为您查一下。");
  await expect(chat.log.locator(".item-agent .agent")).toHaveText("人工");

  await chat.say("谢谢，麻烦您了");
  await expect(transcript).toContainText("谢谢，麻烦您了");
  // The machine keeps out while a person is there.
  const spoken = await chat.replies.count();

  await desk.getByText("查看机器判断").click();
  await expect(desk.getByText("意图候选").first()).toBeVisible();

  expect(await chat.replies.count()).toBe(spoken);
  await desk.getByRole("button", { name: "交还智能客服" }).click();
  const dialog = desk.getByRole("dialog");
  await dialog.getByRole("textbox").fill("已说明违约金规则");
  await dialog.getByRole("button", { name: "交还", exact: true }).click();
  await expect(chat.log.getByText(/由智能客服继续/)).toBeVisible();

  await chat.ask("用手机银行转账要手续费吗");
  await desk.context().close();
});

test("asking for a person in one's own words works too", async ({ page }) => {
  const chat = await Chat.visitor(page);
  await chat.ask("别让机器人跟我说，给我接个真人");
  await expect(chat.log.getByText("正在转接人工客服")).toBeVisible();
});
