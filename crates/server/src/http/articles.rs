//! Articles that answers cite, at the version that was cited.

use crate::app::App;
use crate::http::extract::{Query, path_param};
use crate::http::problem::{Problems, Refused};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use teller_kernel::{Code, Locale, PackVersion};
use teller_pack::{Article, PackSource};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest name of an article looked up.
const NAME_MAX_BYTES: usize = 128;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(article))
}

/// A name as packs write them: letters, digits, `-`, `_`, `.`.
pub struct ArticleName(String);

impl FromRequestParts<App> for ArticleName {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refused> {
        let name = path_param(parts, "id").await?;
        let plain = name.len() <= NAME_MAX_BYTES
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if plain { Ok(Self(name)) } else { Err(Code::ArticleNotFound.into()) }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticleQuery {
    /// The version cited; the current one when absent.
    version: Option<String>,
    #[serde(default)]
    locale: Locale,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ArticleBody {
    id: String,
    version: String,
    title: String,
    /// Markdown.
    body_md: String,
    /// First day it holds, ISO.
    effective: String,
    /// Last day it holds.
    expires: Option<String>,
    /// Document of the bank it rests on.
    source: String,
    owner: String,
    /// Is this the version in force now?
    current: bool,
}

/// An article, at the version that was cited
#[utoipa::path(get, path = "/articles/{id}", operation_id = "knowledge_article", tag = "customer",
    params(("id" = String, Path), ArticleQuery), responses((status = 200, body = ArticleBody), Problems))]
async fn article(
    State(app): State<App>,
    ArticleName(name): ArticleName,
    Query(query): Query<ArticleQuery>,
) -> Result<Json<ArticleBody>, Refused> {
    let bank = app.bank();
    let now = bank.pack.articles.get(&name);
    let wanted = query.version.as_deref();
    if let Some(now) = now.filter(|now| wanted.is_none_or(|wanted| wanted == now.version)) {
        return Ok(Json(body(now, query.locale, true)));
    }
    let wanted = wanted.filter(|wanted| wanted.len() <= NAME_MAX_BYTES).ok_or(Code::ArticleNotFound)?;
    let kept = app.store.article_version(&name, wanted).await?.ok_or(Code::ArticleNotFound)?;
    let former = former(&app, &kept.pack, &name, wanted).await?;
    Ok(Json(body(&former, query.locale, false)))
}

/// The article as the pack it was published in has it.
async fn former(app: &App, pack: &PackVersion, name: &str, version: &str) -> Result<Article, Refused> {
    let bundle = app.store.pack(pack).await?.ok_or(Code::ArticleNotFound)?;
    let (name, version) = (name.to_owned(), version.to_owned());
    let found = tokio::task::spawn_blocking(move || {
        let source = PackSource::from_bundle(&bundle).ok()?;
        let mut notes = Vec::new();
        let mut articles =
            source.under("articles/", ".md").filter_map(|(file, text)| Article::parse(file, text, &mut notes));
        articles.find(|article| article.id == name && article.version == version)
    });
    found.await.ok().flatten().ok_or_else(|| Code::ArticleNotFound.into())
}

fn body(article: &Article, locale: Locale, current: bool) -> ArticleBody {
    ArticleBody {
        id: article.id.clone(),
        version: article.version.clone(),
        title: article.title.get(locale).to_owned(),
        body_md: article.body.get(locale).to_owned(),
        effective: article.effective.to_string(),
        expires: article.expires.map(|day| day.to_string()),
        source: article.source.clone(),
        owner: article.owner.clone(),
        current,
    }
}
