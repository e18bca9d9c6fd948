//! The closed tables of what may be asked of the core: reads, order operations,
//! protective operations. `OPERATIONS.md` says what the parameters and results
//! hold; a test keeps page and tables together.

/// A read: its name, where the contract serves it, what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    pub op: &'static str,
    /// Path in the contract; `{name}` is filled from the customer or a parameter.
    pub path: &'static str,
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
    pub meaning: &'static str,
}

impl Read {
    /// Is it about one customer?
    pub fn needs_customer(&self) -> bool {
        self.path.contains("{customer}")
    }
}

/// An order or protective operation and the parameters it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    pub op: &'static str,
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
    pub meaning: &'static str,
}

macro_rules! reads {
    ($($op:ident $path:literal [$($req:ident)*] [$($opt:ident)*] $meaning:literal;)*) => {
        /// Every read, by name.
        pub const READS: &[Read] = &[$(Read {
            op: stringify!($op), path: $path,
            required: &[$(stringify!($req)),*], optional: &[$(stringify!($opt)),*], meaning: $meaning,
        }),*];
    };
}

macro_rules! operations {
    ($(#[$doc:meta])* $table:ident: $($op:ident [$($req:ident)*] [$($opt:ident)*] $meaning:literal;)*) => {
        $(#[$doc])*
        pub const $table: &[Operation] = &[$(Operation {
            op: stringify!($op),
            required: &[$(stringify!($req)),*], optional: &[$(stringify!($opt)),*], meaning: $meaning,
        }),*];
    };
}

reads! {
    business_date "/v1/business-date" [] [] "the core's date and phase";
    customers "/v1/customers" [] [] "the demo bank's customers";
    customer "/v1/customers/{customer}" [] [] "who the customer is";
    accounts "/v1/customers/{customer}/accounts" [] [currency active] "accounts with balances";
    balances "/v1/customers/{customer}/balances" [] [account] "ledger, held and available";
    transactions "/v1/customers/{customer}/transactions" [] [account card from to direction min max text cursor limit] "what moved";
    transaction "/v1/customers/{customer}/transactions/{transaction}" [transaction] [] "one movement";
    cards "/v1/customers/{customer}/cards" [] [kind status] "debit and credit cards";
    payees "/v1/customers/{customer}/payees" [] [query] "known payees, by name, alias or digits";
    payee_check "/v1/customers/{customer}/payee-check" [to_account to_name] [to_bank] "does the name fit the account";
    transfer_quote "/v1/customers/{customer}/transfer-quote" [from_account amount] [payee to_account to_name to_bank arrival channel] "fee, arrival, limits left";
    limits "/v1/customers/{customer}/limits" [] [channel] "limits and what is used";
    card_bill "/v1/customers/{customer}/card-bill" [] [card period] "one credit-card statement";
    card_bills "/v1/customers/{customer}/card-bills" [] [card limit] "the last statements";
    card_points "/v1/customers/{customer}/card-points" [] [card] "reward points";
    instalment_options "/v1/customers/{customer}/instalment-options" [card] [amount] "instalments offered";
    instalment_quote "/v1/customers/{customer}/instalment-quote" [card periods] [amount] "one instalment offer";
    instalments "/v1/customers/{customer}/instalments" [] [card] "running instalment plans";
    loans "/v1/customers/{customer}/loans" [] [] "loans";
    loan_schedule "/v1/customers/{customer}/loans/{loan}/schedule" [loan] [limit paid] "what is due when";
    loan_prepay_quote "/v1/customers/{customer}/loans/{loan}/prepay-quote" [loan mode] [amount] "what a prepayment would do";
    deposits "/v1/customers/{customer}/deposits" [] [status] "time deposits";
    deposit_rates "/v1/deposit-rates" [] [product currency] "listed rates";
    deposit_quote "/v1/deposit-quote" [term amount] [product] "what a deposit would earn";
    early_withdraw_quote "/v1/customers/{customer}/deposits/{deposit}/withdraw-quote" [deposit] [amount] "what withdrawing today gives";
    fx_board "/v1/fx-board" [] [currency] "foreign-exchange board";
    fx_quote "/v1/customers/{customer}/fx-quote" [amount] [side] "one exchange at today's rate";
    fx_quota "/v1/customers/{customer}/fx-quota" [] [] "yearly quota and what is left";
    remit_check "/v1/remit-check" [] [bic account country] "are bank code and account well formed";
    remit_quote "/v1/customers/{customer}/remit-quote" [amount bearer] [country] "fees of a remittance";
    branches "/v1/branches" [] [city district service weekend query] "branches";
    appointment_slots "/v1/branches/{branch}/slots" [branch] [date] "free appointment times";
    banks "/v1/banks" [] [query] "banks money can be sent to";
    service_requests "/v1/customers/{customer}/service-requests" [] [kind number] "complaints, disputes, bookings";
    complaints "/v1/customers/{customer}/service-requests?kind=complaint" [] [number] "complaints";
    disputes "/v1/customers/{customer}/service-requests?kind=dispute" [] [number] "disputed transactions";
    appointments "/v1/customers/{customer}/service-requests?kind=appointment" [] [number] "appointments";
    orders "/v1/customers/{customer}/orders" [] [status operation cancellable limit] "orders and how they stand";
    order "/v1/customers/{customer}/orders/{order}" [order] [] "one order";
    schedules "/v1/customers/{customer}/schedules" [] [] "scheduled transfers";
    holds "/v1/customers/{customer}/holds" [] [account] "amounts held";
    document "/v1/customers/{customer}/documents/{document}" [document] [] "a document made for the customer";
}

operations! {
    /// Every order operation, by name.
    OPERATIONS:
    transfer [from_account amount] [payee to_account to_name to_bank remark arrival channel] "send money to a person or firm";
    transfer_cancel [order] [] "take back a transfer that was not sent yet";
    scheduled_transfer [from_account amount day times] [payee to_account to_name to_bank remark first_on] "send the same every month";
    schedule_cancel [schedule] [] "end a scheduled transfer";
    delay_set [arrival] [] "default arrival of transfers";
    card_repay [card from_account amount] [] "repay a credit card";
    cc_autopay_set [card mode] [from_account] "automatic repayment";
    cc_installment [card periods] [amount] "pay the bill in instalments";
    cc_early_settle [plan] [] "settle an instalment plan early";
    deposit_open [from_account term amount] [product rollover] "open a time deposit";
    deposit_withdraw [deposit] [amount to_account] "withdraw a time deposit";
    loan_prepay [loan mode] [amount from_account] "prepay a loan";
    fx_buy [amount from_account purpose] [to_account] "buy foreign currency";
    fx_sell [amount from_account] [to_account purpose] "sell foreign currency";
    remit_out [from_account amount payee_name account bic country bearer purpose] [payee_address fee_account remark] "send money abroad; staff release it";
    limit_set [] [single daily monthly channel] "change transfer limits";
    card_replace [card reason] [delivery address branch] "a new card for an old one";
    card_activate [card] [] "activate a new card";
    card_unlock [card] [] "unlock a locked card";
    card_loss_cancel [card] [] "the card was found";
    sms_notify_set [account on] [min_amount] "messages about movements";
    payee_add [name account] [bank alias] "add a payee";
    payee_delete [payee] [] "delete a payee";
    dispute_open [transaction reason] [note] "dispute a transaction";
    complaint_open [topic text] [branch expectation] "register a complaint";
    appointment_book [branch date time service] [] "book a visit to a branch";
    callback_book [date time topic] [phone] "book a call back";
    statement_request [account from to] [kind purpose language transaction loan] "statement, receipt or certificate";
    suggestion [text] [kind] "praise or a suggestion";
}

operations! {
    /// The closed list of what may be done without a confirmation: each only
    /// reduces what can leave.
    PROTECTIVE:
    card_lock [card] [scope] "lock a card at once";
    card_report_loss [card] [kind incident] "report a card lost or stolen";
    stop_payment [] [order transaction reason] "stop money that is leaving or has left";
    hold_place [account] [amount reason hours] "hold an amount on an account";
}

/// Finds a read by name.
pub fn read(op: &str) -> Option<&'static Read> {
    READS.iter().find(|read| read.op == op)
}

/// Finds an order operation by name.
pub fn operation(op: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.op == op)
}

/// Finds a protective operation by name.
pub fn protective(op: &str) -> Option<&'static Operation> {
    PROTECTIVE.iter().find(|operation| operation.op == op)
}

pub fn is_operation(op: &str) -> bool {
    operation(op).is_some()
}

pub fn is_protective(op: &str) -> bool {
    protective(op).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../OPERATIONS.md");

    /// The rows of one section of the page: (names, parameter cell).
    fn section(title: &str, params_cell: usize) -> Vec<(String, String)> {
        let body = PAGE.split(&format!("## {title}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
        body.lines()
            .filter(|line| line.starts_with("| `"))
            .flat_map(|line| {
                let cells: Vec<&str> = line.split('|').map(str::trim).collect();
                let params = cells[params_cell].to_owned();
                let names: Vec<String> = cells[1].split('`').skip(1).step_by(2).map(str::to_owned).collect();
                names.into_iter().map(move |name| (name, params.clone()))
            })
            .collect()
    }

    fn names(rows: &[(String, String)]) -> Vec<&str> {
        rows.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn the_page_lists_exactly_the_tables() {
        assert_eq!(names(&section("Reads", 3)), READS.iter().map(|read| read.op).collect::<Vec<_>>());
        assert_eq!(names(&section("Order operations", 2)), OPERATIONS.iter().map(|op| op.op).collect::<Vec<_>>());
        assert_eq!(names(&section("Protective operations", 2)), PROTECTIVE.iter().map(|op| op.op).collect::<Vec<_>>());
    }

    #[test]
    fn no_operation_is_both_confirmed_and_protective() {
        assert!(PROTECTIVE.iter().all(|protective| !is_operation(protective.op)));
    }

    #[test]
    fn every_placeholder_of_a_path_is_a_required_parameter() {
        for read in READS {
            for part in read.path.split('{').skip(1) {
                let name = part.split('}').next().unwrap();
                assert!(name == "customer" || read.required.contains(&name), "{}: {name}", read.op);
            }
        }
    }

    #[test]
    fn the_page_names_every_required_parameter() {
        for (name, cell) in section("Order operations", 2) {
            let operation = operation(&name).unwrap();
            if cell.starts_with("as ") {
                continue;
            }
            for param in operation.required {
                assert!(cell.contains(&format!("`{param}`")), "{name}: {param}");
            }
            for param in operation.optional {
                let alternatives = [format!("`{param}?`"), format!("`{param}`")];
                assert!(alternatives.iter().any(|text| cell.contains(text)), "{name}: {param}");
            }
        }
    }
}
