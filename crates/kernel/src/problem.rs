//! Problems that reach a caller: one table of public codes, each with its HTTP
//! status, how grave it is, and what to tell a person in Chinese and English.
//!
//! Internals are never echoed: a `Problem` carries a code and, at most, the
//! name of the field or limit concerned. Rooms keep their own small error enums
//! and map them to a code at their edge.

use crate::locale::Locale;
use serde::Serialize;
use std::fmt;

/// Who needs to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The caller's own mistake; expected.
    Caller,
    /// A dependency failed or a limit was met; watched as a rate.
    Degraded,
    /// Our fault; somebody should look.
    Fault,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $status:literal, $severity:ident, $zh:literal, $en:literal;)*) => {
        /// Every public error code. The code is stable; the words may improve.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($name,)* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            pub fn message(self, locale: Locale) -> &'static str {
                match (self, locale) { $((Self::$name, Locale::Zh) => $zh, (Self::$name, Locale::En) => $en,)* }
            }
        }
    };
}

codes! {
    BadRequest = "bad_request", 400, Caller, "请求格式有误", "the request is malformed";
    BadField = "bad_field", 422, Caller, "有一项内容不符合要求", "one field is not acceptable";
    BodyTooLarge = "body_too_large", 413, Caller, "内容超过允许的大小", "the body is larger than allowed";
    MessageTooLong = "message_too_long", 422, Caller, "消息太长，请分几次发送", "the message is too long; send it in parts";
    MessageEmpty = "message_empty", 422, Caller, "消息是空的", "the message is empty";
    MessageNotText = "message_not_text", 422, Caller, "消息里有不能显示的字符", "the message holds characters that are not text";
    UnsupportedMedia = "unsupported_media", 415, Caller, "只接受 application/json", "only application/json is accepted";
    Unauthenticated = "unauthenticated", 401, Caller, "请先登录", "sign in first";
    Forbidden = "forbidden", 403, Caller, "没有权限", "not permitted";
    NotFound = "not_found", 404, Caller, "没有找到", "not found";
    MethodNotAllowed = "method_not_allowed", 405, Caller, "不支持这种请求方法", "that method is not allowed here";
    ConversationNotFound = "conversation_not_found", 404, Caller, "没有这个会话", "no such conversation";
    ConversationClosed = "conversation_closed", 409, Caller, "会话已经结束，请新开一个会话", "the conversation is closed; open a new one";
    ConversationFull = "conversation_full", 409, Caller, "会话过长，请新开一个会话", "the conversation is too long; open a new one";
    TooManyPending = "too_many_pending", 429, Caller, "前面的消息还在处理，请稍候", "earlier messages are still being answered; wait a moment";
    RateLimited = "rate_limited", 429, Caller, "操作太频繁，请稍后再试", "too many requests; try again later";
    ClientIdReused = "client_id_reused", 409, Caller, "同一个消息编号用于不同内容", "the client id was used before with other content";
    CursorAhead = "cursor_ahead", 422, Caller, "续传位置超过了已有事件", "the resume position is past the last event";
    ActionStale = "action_stale", 409, Caller, "这个操作已经过期，请以最新的内容为准", "that action is out of date; use the latest card";
    OtpWrong = "otp_wrong", 422, Caller, "验证码不正确", "the code is not right";
    OtpVoid = "otp_void", 409, Caller, "验证码已失效，请重新获取", "the code is void; ask for a new one";
    OtpTooSoon = "otp_too_soon", 429, Caller, "请稍候再重新获取验证码", "wait before asking for another code";
    HandoverInvalid = "handover_invalid", 401, Caller, "登录凭证无效或已过期，请从银行应用重新进入", "the hand-over token is invalid or expired; come in from the bank's app again";
    OriginNotAllowed = "origin_not_allowed", 403, Caller, "这个网站没有接入权限", "this site may not embed the bank";
    SignInRefused = "sign_in_refused", 401, Caller, "用户名或密码不正确", "user name or password is not right";
    SignInLocked = "sign_in_locked", 429, Caller, "尝试次数过多，账号暂时锁定", "too many tries; the account is locked for a while";
    NotYourConversation = "not_your_conversation", 409, Caller, "这个会话由其他座席处理", "another agent holds this conversation";
    AlreadyTaken = "already_taken", 409, Caller, "已被其他座席接入", "another agent has taken it";
    SamePerson = "same_person", 409, Caller, "经办与复核不能是同一人", "the second pair of eyes must be another person";
    ReleaseDecided = "release_decided", 409, Caller, "这一笔已经处理过", "that release was already decided";
    PackBroken = "pack_broken", 422, Caller, "业务包有错误，未启用", "the pack has errors and was not activated";
    ApiKeyInvalid = "invalid_api_key", 401, Caller, "API 密钥无效或已停用", "the API key is invalid or was revoked";
    ModelNotFound = "model_not_found", 404, Caller, "没有这个模型，可用的模型是 teller", "no such model; the model here is teller";
    ArticleNotFound = "article_not_found", 404, Caller, "没有这篇文章", "no such article";
    CoreUnavailable = "core_unavailable", 503, Degraded, "核心系统暂时不可用", "the core bank is not available for the moment";
    Overloaded = "overloaded", 503, Degraded, "系统繁忙，请稍后再试", "the system is busy; try again later";
    ErasedPayload = "erased_payload", 410, Caller, "内容已按要求删除", "the content was erased on request";
    StorageFull = "storage_full", 507, Fault, "存储空间不足", "out of storage space";
    Internal = "internal", 500, Fault, "系统内部错误，已记录", "an internal error; it has been recorded";
}

/// One problem, ready for a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    /// The field, limit or position concerned; never a value of the caller's.
    pub detail: Option<String>,
}

impl Problem {
    pub fn new(code: Code) -> Self {
        Self { code, detail: None }
    }

    pub fn with(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: Some(detail.into()) }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.code.message(Locale::En))?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_speak_both_languages() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!((400..600).contains(&code.status()));
            assert!(!code.message(Locale::Zh).is_ascii(), "{} has no Chinese", code.as_str());
            assert!(code.message(Locale::En).is_ascii(), "{} has no English", code.as_str());
        }
    }
}
