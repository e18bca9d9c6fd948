#![expect(clippy::print_stdout, reason = "an example prints")]
use std::sync::Arc;
use teller_conversation::OpenRequest;
use teller_kernel::{CustomerId, EventBody, Level, Locale, event::Ownership};
use teller_rehearsal::*;
#[tokio::main]
async fn main() {
    let models = teller_models::Catalogue::embedded().ok();
    let w = workshop(models.as_ref());
    println!("encoder {}", w.encoder.is_some());
    let stage = Arc::new(Stage::set("packs/demo".as_ref(), w).await.unwrap_or_else(|_| panic!()));
    let world = World::open(stage, WorldConfig { seed: 1, durable: false }).await.unwrap();
    let mut args = std::env::args().skip(1);
    let who = args.next().unwrap();
    let customer = CustomerId::parse(&who).ok().map(|c| (c, Level::L1));
    let o = world.conversations().open(OpenRequest { channel: "web".into(), ownership: Ownership::Own, locale: Locale::Zh, customer }).await.unwrap();
    let mut seq = 1;
    for (n, text) in args.enumerate() {
        println!("\n>>> {text}");
        world.conversations().say(&o.conversation, &format!("c{n}"), &text).await.unwrap();
        world.conversations().finish_turns(&o.conversation).await.unwrap();
        for e in world.conversations().events(&o.conversation, seq, 500).await.unwrap() {
            seq = e.seq;
            match e.body {
                EventBody::TurnCompleted { trace, .. } => {
                    println!("  signs {:?} decisions {:?}", trace.signs, trace.decisions);
                    for i in &trace.intents { println!("    {} {:.2} ~ {:?}", i.intent, i.score, i.nearest); }
                    for e in &trace.entities { println!("    entity {} {}", e.kind, e.value); }
                    println!("  {:?}", trace.stages);
                }
                EventBody::Replied { parts, reply_ids, .. } => println!("  SAID {reply_ids:?}\n{}", serde_json::to_string(&parts).unwrap()),
                other => println!("  {}", serde_json::to_string(&other).unwrap().chars().take(300).collect::<String>()),
            }
        }
    }
}
