// What the browser tests share: a customer at the page, a phone, an agent.
// Things are found by role and label, as a screen reader would.

import { type APIRequestContext, type Browser, expect, type Locator, type Page } from "@playwright/test";

/** The demo bank's people, from packs/demo/core/customers.yaml. */
export const CUSTOMER = process.env.TELLER_E2E_CUSTOMER ?? "cu_1001";
export const ELDER = process.env.TELLER_E2E_ELDER ?? "cu_1002";
/** Somebody the customer has never paid; the name and number belong together. */
export const NEW_PAYEE = { name: "陈子昂", account: "6299981003474861225" };

/** A demo sign-in with the role of an agent. */
const [user = "", password = ""] = (process.env.TELLER_E2E_AGENT ?? "agent1:yunshan-demo").split(":");

/** A customer in the chat. */
export class Chat {
  readonly page: Page;
  readonly log: Locator;
  readonly box: Locator;

  constructor(page: Page) {
    this.page = page;
    this.log = page.getByRole("log");
    this.box = page.getByRole("textbox", { name: /输入您的问题|Your question/ });
  }

  /** Comes in from the bank's app, as the demo plays it. */
  static async signedIn(page: Page, customer = CUSTOMER): Promise<Chat> {
    const answer = await page.request.post("/api/v1/demo/sign-in", { data: { customer } });
    expect(answer.ok()).toBe(true);
    const { handover } = (await answer.json()) as { handover: string };
    await page.goto(`/?handover=${encodeURIComponent(handover)}`);
    const chat = new Chat(page);
    await expect(chat.box).toBeVisible();
    return chat;
  }

  static async visitor(page: Page, path = "/"): Promise<Chat> {
    await page.goto(path);
    const chat = new Chat(page);
    await expect(chat.box).toBeVisible();
    return chat;
  }

  get replies(): Locator {
    return this.log.locator(".item-machine");
  }
  get mine(): Locator {
    return this.log.locator(".item-customer");
  }

  /** Says something and waits until it was answered. */
  async ask(text: string): Promise<void> {
    const before = await this.replies.count();
    await this.say(text);
    await expect(this.replies.nth(before)).toBeVisible();
  }

  async say(text: string): Promise<void> {
    const before = await this.mine.count();
    await this.box.fill(text);
    await this.box.press("Enter");
    await expect(this.mine.nth(before)).toContainText(text);
  }

  /** Taps, and waits for what the bank says to it. */
  async tap(button: Locator): Promise<void> {
    const before = await this.replies.count();
    await button.click();
    await expect(this.replies.nth(before)).toBeVisible();
  }

  card(kind: RegExp): Locator {
    return this.log.getByRole("region", { name: kind });
  }
}

/** The newest code on the customer's phone. */
export async function codeOf(request: APIRequestContext, customer: string): Promise<string> {
  const answer = await request.get(`/api/v1/demo/phone?customer=${customer}`);
  const { messages } = (await answer.json()) as { messages: { at_ms: number; text: string }[] };
  const newest = messages.toSorted((a, b) => a.at_ms - b.at_ms).at(-1);
  const code = /(?<!\d)\d{6}(?!\d)/.exec(newest?.text ?? "")?.[0];
  if (!code) throw new Error("no code on the phone");
  return code;
}

/** A member of staff at the desk, in a browser of their own. */
export async function agentDesk(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "zh-CN" });
  const page = await context.newPage();
  await page.goto("/desk");
  await page.getByRole("textbox", { name: "用户名" }).fill(user);
  await page.getByRole("textbox", { name: "密码" }).fill(password);
  await page.getByRole("button", { name: "登录" }).click();
  await expect(page.getByRole("heading", { name: /排队/ })).toBeVisible();
  return page;
}

/** Nothing that can be tapped may lie beyond the edge, nor the page scroll sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const over = await page.evaluate(() => {
    const scrolls = document.documentElement.scrollWidth - window.innerWidth;
    const tappable = document.querySelectorAll(".top button, .composer textarea, .composer .send, .log .card, .home button");
    return Math.max(scrolls, ...[...tappable].map((it) => it.getBoundingClientRect().right - window.innerWidth));
  });
  expect(over).toBeLessThanOrEqual(0.5);
}
