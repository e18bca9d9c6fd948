use std::sync::Arc;
use teller_conversation::*;
use teller_flows::check::Operations;
use teller_pack::PackSource;
fn main() {
    let orders = |l: &[teller_bank::catalog::Operation]| l.iter().map(|k| k.op.to_owned()).collect();
    let ops = Operations {
        reads: teller_bank::catalog::READS.iter().map(|k| k.op.to_owned()).collect(),
        orders: orders(teller_bank::catalog::OPERATIONS),
        protects: orders(teller_bank::catalog::PROTECTIVE),
        calculators: teller_bank::calculators::CALCULATORS.iter().map(|(n, _)| (*n).to_owned()).collect(),
    };
    let cat = teller_models::Catalogue::embedded().unwrap();
    let folder = cat.installed(teller_models::FAST_VECTORS).or_else(|_| cat.fetch(teller_models::FAST_VECTORS, &teller_models::Silent)).unwrap();
    let enc = Arc::new(teller_models::FastEncoder::open(&folder).unwrap());
    let cache = Arc::new(teller_understand::intents::cache::EmbeddingCache::open(std::path::Path::new("/tmp/emb.cache")));
    let t = std::time::Instant::now();
    let w = Workshop { encoder: Some(enc), cache: cache.clone(), operations: Arc::new(ops) };
    let (bank, notes) = BankPack::compile(PackSource::from_dir("packs/demo".as_ref()).unwrap(), &w);
    let _ = cache.save();
    for n in &notes { println!("{n}"); }
    let Some(bank) = bank else { println!("BROKEN"); return };
    println!("compiled in {:?} {}", t.elapsed(), bank.version());
    let mut r = csv::Reader::from_path("/work/shared/domain/intents.csv").unwrap();
    let (mut n, mut top1, mut top3, mut act, mut right_act) = (0, 0, 0, 0, 0);
    let t = std::time::Instant::now();
    for row in r.records() {
        let row = row.unwrap();
        for c in 7..=10 { let u = &row[c]; if u.is_empty() { continue; }
            n += 1; let k = bank.intents.rank(u, 3); 
            let ok = k[0].label == row[0]; top1 += ok as i32;
            top3 += k.iter().any(|x| x.label == row[0]) as i32;
            if k[0].score >= 0.6 { act += 1; right_act += ok as i32; }
            if !ok && std::env::var("V").is_ok() { println!("{} {} -> {} {:.2} ({}) 2nd {} {:.2}", row[0].to_owned(), u, k[0].label, k[0].score, k[0].nearest, k[1].label, k[1].score); }
        }
    }
    println!("n {n} top1 {:.3} top3 {:.3} act {} right of act {:.3}  {:?}/each", top1 as f32/n as f32, top3 as f32/n as f32, act, right_act as f32/act as f32, t.elapsed()/n as u32);
}
