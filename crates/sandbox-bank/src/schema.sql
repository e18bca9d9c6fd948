-- The sandbox core's tables. Amounts are integer minor units; dates are ISO text.
-- A posting's amount is positive for a debit and negative for a credit; the
-- postings of an entry sum to zero in each currency. A customer's account is a
-- liability of the bank, so its balance is minus the sum of its postings.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE sequences (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, name_en TEXT NOT NULL, gender TEXT NOT NULL, born TEXT NOT NULL,
  phone TEXT NOT NULL, segment TEXT NOT NULL, language TEXT NOT NULL, city TEXT NOT NULL, branch TEXT NOT NULL,
  since TEXT NOT NULL, note TEXT NOT NULL, note_en TEXT NOT NULL, id_type TEXT NOT NULL,
  id_expires_on TEXT NOT NULL, default_arrival TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, number TEXT NOT NULL UNIQUE, class TEXT NOT NULL,
  currency TEXT NOT NULL, alias TEXT NOT NULL, alias_en TEXT NOT NULL, nature TEXT NOT NULL, branch TEXT NOT NULL,
  opened_on TEXT NOT NULL, is_primary INTEGER NOT NULL, restriction TEXT, bound_account TEXT,
  sms_notify INTEGER NOT NULL, sms_min_minor INTEGER NOT NULL,
  ledger_minor INTEGER NOT NULL, held_minor INTEGER NOT NULL CHECK (held_minor >= 0),
  -- Available money is never negative: the ledger refuses what a rule forgot.
  CHECK (ledger_minor >= held_minor)
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_of ON accounts (customer, id);

CREATE TABLE limits (
  customer TEXT NOT NULL, channel TEXT NOT NULL, single_minor INTEGER NOT NULL, daily_minor INTEGER NOT NULL,
  monthly_minor INTEGER NOT NULL, PRIMARY KEY (customer, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE cards (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL UNIQUE,
  product TEXT NOT NULL, name TEXT NOT NULL, name_en TEXT NOT NULL, account TEXT, status TEXT NOT NULL,
  lock_scope TEXT, lost_until TEXT, expires TEXT NOT NULL, limit_minor INTEGER NOT NULL,
  owed_minor INTEGER NOT NULL, statement_day INTEGER NOT NULL, autopay TEXT NOT NULL, autopay_account TEXT,
  points INTEGER NOT NULL, points_expiring INTEGER NOT NULL, points_expire_on TEXT, replaced_by TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_of ON cards (customer, id);
CREATE INDEX cards_on ON cards (account);

CREATE TABLE payees (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL, bank TEXT NOT NULL,
  alias TEXT, added_on TEXT NOT NULL, last_used_on TEXT, UNIQUE (customer, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
  id INTEGER PRIMARY KEY, order_id TEXT UNIQUE, booked_on TEXT NOT NULL, booked_at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL, summary TEXT NOT NULL, counterparty_name TEXT, counterparty_account TEXT,
  counterparty_bank TEXT, channel TEXT NOT NULL, place TEXT
) STRICT;

CREATE TABLE postings (
  id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries (id), ledger TEXT NOT NULL,
  account TEXT, card TEXT, amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0), currency TEXT NOT NULL,
  balance_after_minor INTEGER, booked_on TEXT NOT NULL
) STRICT;
CREATE INDEX postings_of_account ON postings (account, id) WHERE account IS NOT NULL;
CREATE INDEX postings_of_card ON postings (card, id) WHERE card IS NOT NULL;
CREATE INDEX postings_of_entry ON postings (entry);

CREATE TABLE holds (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
  reason TEXT NOT NULL, order_id TEXT, placed_at_ms INTEGER NOT NULL, expires_at_ms INTEGER,
  status TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_on ON holds (account, status);
CREATE INDEX holds_due ON holds (expires_at_ms) WHERE status = 'placed' AND expires_at_ms IS NOT NULL;

CREATE TABLE orders (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, operation TEXT NOT NULL, idem_key TEXT NOT NULL,
  body_hash TEXT NOT NULL, params TEXT NOT NULL, vals TEXT NOT NULL, status TEXT NOT NULL, code TEXT,
  result TEXT NOT NULL, prepared_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL,
  confirmed_at_ms INTEGER, confirmed_on TEXT, due_on TEXT, due_at_ms INTEGER, hold TEXT, proof TEXT,
  from_account TEXT, to_account TEXT, channel TEXT, amount_minor INTEGER, currency TEXT,
  UNIQUE (customer, operation, idem_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_of ON orders (customer, confirmed_on);
CREATE INDEX orders_due ON orders (due_at_ms) WHERE status = 'accepted';

CREATE TABLE loans (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, product TEXT NOT NULL, principal_minor INTEGER NOT NULL,
  balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0), rate TEXT NOT NULL, rate_basis TEXT NOT NULL,
  reprice_on TEXT NOT NULL, method TEXT NOT NULL, term INTEGER NOT NULL, started_on TEXT NOT NULL,
  repay_account TEXT NOT NULL, status TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE loan_periods (
  loan TEXT NOT NULL, period INTEGER NOT NULL, due_on TEXT NOT NULL, payment_minor INTEGER NOT NULL,
  principal_minor INTEGER NOT NULL, interest_minor INTEGER NOT NULL, balance_minor INTEGER NOT NULL, paid_on TEXT,
  PRIMARY KEY (loan, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE deposits (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, product TEXT NOT NULL, principal_minor INTEGER NOT NULL,
  currency TEXT NOT NULL, rate TEXT NOT NULL, term INTEGER NOT NULL, opened_on TEXT NOT NULL,
  matures_on TEXT NOT NULL, rollover INTEGER NOT NULL, account TEXT NOT NULL, status TEXT NOT NULL,
  withdrawals INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE instalments (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, card TEXT NOT NULL, amount_minor INTEGER NOT NULL,
  periods INTEGER NOT NULL, billed INTEGER NOT NULL, fee_minor INTEGER NOT NULL, fee_rate TEXT NOT NULL,
  started_on TEXT NOT NULL, next_bill_on TEXT, status TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE service_requests (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL, opened_on TEXT NOT NULL, due_on TEXT, summary TEXT NOT NULL, detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX service_requests_of ON service_requests (customer, kind);

CREATE TABLE documents (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, media_type TEXT NOT NULL,
  content TEXT NOT NULL, check_code TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, params TEXT NOT NULL, from_account TEXT NOT NULL,
  to_name TEXT NOT NULL, to_account TEXT NOT NULL, amount_minor INTEGER NOT NULL, day INTEGER NOT NULL,
  next_on TEXT, remaining INTEGER NOT NULL, status TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fx_rates (
  currency TEXT PRIMARY KEY, name TEXT NOT NULL, name_en TEXT NOT NULL, buy_spot TEXT NOT NULL,
  sell_spot TEXT NOT NULL, buy_cash TEXT NOT NULL, sell_cash TEXT NOT NULL, mid TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE fx_usage (
  customer TEXT NOT NULL, year INTEGER NOT NULL, bought_minor INTEGER NOT NULL, sold_minor INTEGER NOT NULL,
  PRIMARY KEY (customer, year)
) STRICT, WITHOUT ROWID;
