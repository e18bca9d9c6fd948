import { expect, test } from "@playwright/test";
import { Chat, ELDER, expectNoSidewaysScroll } from "./support.ts";

test("the language switch changes the page and the bank's replies", async ({ page }) => {
  const chat = await Chat.visitor(page);
  await chat.ask("转账手续费怎么收");
  await page.getByRole("button", { name: "Switch to English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("button", { name: "Human" })).toBeVisible();
  await chat.ask("what does a transfer in the app cost");
  await expect(chat.replies.last()).toContainText(/transfer/i);
  await page.reload();
  await expect(page.getByRole("button", { name: "切换到中文" })).toBeVisible();
});

test("elder mode is large, simple, and puts the human first", async ({ page }) => {
  const chat = await Chat.signedIn(page, ELDER);
  await expect(page.locator("html")).toHaveClass(/elder/);
  const human = page.getByRole("button", { name: "找人工客服" });
  const first = await human.boundingBox();
  expect(first?.height).toBeGreaterThanOrEqual(56);
  expect(first?.y).toBeLessThan(200);
  const size = await chat.box.evaluate((box) => Number.parseFloat(getComputedStyle(box).fontSize));
  expect(size).toBeGreaterThanOrEqual(20);
  await expectNoSidewaysScroll(page);

  await page.getByRole("button", { name: "切换到标准版" }).click();
  await expect(page.locator("html")).not.toHaveClass(/elder/);
  await expect(page.getByRole("navigation").getByRole("button", { name: "转人工" })).toBeVisible();
});

test("a reload resumes the conversation with nothing lost and nothing twice", async ({ page }) => {
  const chat = await Chat.signedIn(page);
  await chat.ask("转账手续费怎么收");
  await chat.ask("查一下我的余额");
  await expect(page.getByText("正在处理")).toBeHidden();
  const before = await chat.log.locator(".item").allInnerTexts();
  await page.reload();
  await expect(chat.log.locator(".item")).toHaveCount(before.length);
  expect(await chat.log.locator(".item").allInnerTexts()).toEqual(before);
  await chat.ask("看看最近的交易明细");
  await expect(chat.log.locator(".item")).toHaveCount(before.length + 2);
});

test("what was said without a network is sent once when it is back", async ({ page, context }) => {
  const chat = await Chat.visitor(page);
  await chat.ask("转账手续费怎么收");
  const before = await chat.mine.count();
  await context.setOffline(true);
  await chat.say("查一下网点营业时间");
  await expect(chat.mine.last()).toContainText(/正在发送|等待发送/);
  await context.setOffline(false);
  await expect(chat.mine.last()).not.toContainText(/正在发送|等待发送/, { timeout: 40_000 });
  await expect(chat.mine).toHaveCount(before + 1);
});

test("past conversations can be taken up again", async ({ page }) => {
  const chat = await Chat.signedIn(page);
  await chat.ask("转账手续费怎么收");
  await page.getByRole("button", { name: "历史会话" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "开始新会话" }).click();
  await expect(chat.mine).toHaveCount(0);
  await chat.ask("查一下我的余额");
  await page.getByRole("button", { name: "历史会话" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /转账手续费怎么收/ }).first().click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(chat.log).toContainText("转账手续费怎么收");
});

test("an expired hand-over says what to do", async ({ page }) => {
  await page.goto("/?handover=not-a-token");
  const problem = page.getByRole("alert");
  await expect(problem).toContainText("handover_invalid");
  await expect(problem).toContainText("请回到银行应用");
  await problem.getByRole("button", { name: "以访客身份继续" }).click();
  const chat = new Chat(page);
  await chat.ask("转账手续费怎么收");
});

test("the page fits a 320 pixel screen in both languages", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const chat = await Chat.signedIn(page);
  await chat.ask("看看最近的交易明细");
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: "Switch to English" }).click();
  await chat.ask("show my recent transactions");
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: "Switch to large type" }).click();
  await expectNoSidewaysScroll(page);
});

test("the demo's front door leads to a signed-in conversation", async ({ page }) => {
  await page.goto("/demo");
  await page.getByRole("button", { name: /进入客服/ }).first().click();
  await expect(page.getByText(/，您好$/)).toBeVisible();
  expect(page.url()).not.toContain("handover");
});
