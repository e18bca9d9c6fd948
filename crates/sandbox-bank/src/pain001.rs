//! Writes a customer credit transfer initiation, ISO 20022 pain.001.001.11,
//! one payment in one message.
//!
//! Lengths are cut to the schema's; the caller has checked BIC and IBAN. The
//! test validates what comes out against the schema of the standard.

use crate::money::Money;
use quick_xml::Writer;
use quick_xml::events::BytesText;
use std::io;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.11";
/// Max35Text: message and payment ids.
const ID_MAX: usize = 35;
/// Max140Text: names and remittance text.
const TEXT_MAX: usize = 140;
/// Max70Text: an address line.
const ADDRESS_MAX: usize = 70;
/// Max34Text: an account that is not an IBAN.
const ACCOUNT_MAX: usize = 34;

pub struct Payment<'a> {
    pub message_id: &'a str,
    /// `2026-11-20T10:15:00+08:00`.
    pub created_at: &'a str,
    /// `2026-11-20`.
    pub execute_on: &'a str,
    pub end_to_end_id: &'a str,
    /// UUID, version 4 form.
    pub uetr: &'a str,
    pub debtor_name: &'a str,
    pub debtor_account: &'a str,
    pub debtor_bic: &'a str,
    pub amount: Money,
    /// OUR, SHA or BEN.
    pub bearer: &'a str,
    pub creditor_name: &'a str,
    pub creditor_address: Option<&'a str>,
    pub creditor_country: &'a str,
    pub creditor_bic: &'a str,
    pub creditor_account: &'a str,
    pub is_iban: bool,
    /// External purpose code, four letters.
    pub purpose: &'a str,
    pub remittance: &'a str,
}

type Xml = Writer<Vec<u8>>;

/// The document as UTF-8 text.
pub fn write(payment: &Payment<'_>) -> io::Result<String> {
    let mut xml = Writer::new(Vec::new());
    xml.get_mut().extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.create_element("Document").with_attribute(("xmlns", NAMESPACE)).write_inner_content(|xml| {
        nest(xml, "CstmrCdtTrfInitn", |xml| {
            group_header(xml, payment)?;
            payment_information(xml, payment)
        })
    })?;
    String::from_utf8(xml.into_inner()).map_err(io::Error::other)
}

fn group_header(xml: &mut Xml, p: &Payment<'_>) -> io::Result<()> {
    nest(xml, "GrpHdr", |xml| {
        text(xml, "MsgId", p.message_id, ID_MAX)?;
        text(xml, "CreDtTm", p.created_at, ID_MAX)?;
        totals(xml, p)?;
        nest(xml, "InitgPty", |xml| text(xml, "Nm", p.debtor_name, TEXT_MAX))
    })
}

fn totals(xml: &mut Xml, p: &Payment<'_>) -> io::Result<()> {
    text(xml, "NbOfTxs", "1", ID_MAX)?;
    text(xml, "CtrlSum", &p.amount.decimal(), ID_MAX)
}

fn payment_information(xml: &mut Xml, p: &Payment<'_>) -> io::Result<()> {
    nest(xml, "PmtInf", |xml| {
        text(xml, "PmtInfId", p.message_id, ID_MAX)?;
        text(xml, "PmtMtd", "TRF", ID_MAX)?;
        totals(xml, p)?;
        nest(xml, "ReqdExctnDt", |xml| text(xml, "Dt", p.execute_on, ID_MAX))?;
        nest(xml, "Dbtr", |xml| text(xml, "Nm", p.debtor_name, TEXT_MAX))?;
        nest(xml, "DbtrAcct", |xml| {
            nest(xml, "Id", |xml| nest(xml, "Othr", |xml| text(xml, "Id", p.debtor_account, ACCOUNT_MAX)))?;
            text(xml, "Ccy", p.amount.currency.code(), ID_MAX)
        })?;
        agent(xml, "DbtrAgt", p.debtor_bic)?;
        let bearer = match p.bearer {
            "OUR" => "DEBT",
            "BEN" => "CRED",
            _ => "SHAR",
        };
        text(xml, "ChrgBr", bearer, ID_MAX)?;
        nest(xml, "CdtTrfTxInf", |xml| transaction(xml, p))
    })
}

fn transaction(xml: &mut Xml, p: &Payment<'_>) -> io::Result<()> {
    nest(xml, "PmtId", |xml| {
        text(xml, "InstrId", p.message_id, ID_MAX)?;
        text(xml, "EndToEndId", p.end_to_end_id, ID_MAX)?;
        text(xml, "UETR", p.uetr, ID_MAX + 1)
    })?;
    nest(xml, "Amt", |xml| {
        xml.create_element("InstdAmt")
            .with_attribute(("Ccy", p.amount.currency.code()))
            .write_text_content(BytesText::new(&p.amount.decimal()))
            .map(|_| ())
    })?;
    agent(xml, "CdtrAgt", p.creditor_bic)?;
    nest(xml, "Cdtr", |xml| {
        text(xml, "Nm", p.creditor_name, TEXT_MAX)?;
        nest(xml, "PstlAdr", |xml| {
            text(xml, "Ctry", p.creditor_country, 2)?;
            match p.creditor_address.map(str::trim).filter(|line| !line.is_empty()) {
                Some(line) => text(xml, "AdrLine", line, ADDRESS_MAX),
                None => Ok(()),
            }
        })
    })?;
    nest(xml, "CdtrAcct", |xml| {
        nest(xml, "Id", |xml| {
            if p.is_iban {
                text(xml, "IBAN", p.creditor_account, ACCOUNT_MAX)
            } else {
                nest(xml, "Othr", |xml| text(xml, "Id", p.creditor_account, ACCOUNT_MAX))
            }
        })
    })?;
    nest(xml, "Purp", |xml| text(xml, "Cd", p.purpose, 4))?;
    if p.remittance.trim().is_empty() {
        return Ok(());
    }
    nest(xml, "RmtInf", |xml| text(xml, "Ustrd", p.remittance, TEXT_MAX))
}

fn agent(xml: &mut Xml, name: &str, bic: &str) -> io::Result<()> {
    nest(xml, name, |xml| nest(xml, "FinInstnId", |xml| text(xml, "BICFI", bic, ID_MAX)))
}

fn nest(xml: &mut Xml, name: &str, inner: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(inner).map(|_| ())
}

/// An element of text, cut to `max` characters. Characters XML cannot carry go.
fn text(xml: &mut Xml, name: &str, content: &str, max: usize) -> io::Result<()> {
    let content: String = content.chars().filter(|c| !c.is_control()).take(max).collect();
    xml.create_element(name).write_text_content(BytesText::new(&content)).map(|_| ())
}
