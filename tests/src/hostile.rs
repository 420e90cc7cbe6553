//! Servers that mean to fill the memory of whoever asks them: they speak a protocol up to some point, and from there on send
//! without end.

use std::io::{self, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};

/// What a server of PostgreSQL's protocol does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostgresAttack {
    /// Announces the longest message there is, before anybody has logged in.
    LengthBeforeLogin,
    /// Sends settings, each of another name, in place of being ready.
    Settings,
    /// Sends notices once it is ready.
    Notices,
    /// Sends rows in answer to the catalogue's query.
    Rows,
    /// The same, rows of arrays of single letters, which take up ten times their length.
    RowsOfArrays,
    /// Sends one row with a field of 1 GB.
    Field,
    /// Answers what gives nothing with rows.
    RowsForNothing,
    /// Answers with a type that nobody knows, and is made of another one that nobody knows.
    Types,
}

/// What a server of MySQL's protocol does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MysqlAttack {
    /// Sends rows in answer to the first query.
    Rows,
    /// Sends one row of 1 GB, in packets.
    Field,
    /// Greets without end.
    Greeting,
    /// Announces as many columns as no memory can hold, or as no machine has memory for.
    Columns(u64),
    /// The same, behind an answer that says that another one follows.
    ColumnsBehind(u64),
}

/// Starts one; ends with the process. Its URL.
pub fn hostile_postgres(attack: PostgresAttack) -> String {
    format!("postgres://ci@127.0.0.1:{}/billing", serve(move |client| postgres(client, attack)))
}

/// Starts one; ends with the process. Its URL.
pub fn hostile_mysql(attack: MysqlAttack) -> String {
    format!("mysql://ci@127.0.0.1:{}/billing", serve(move |client| mysql(client, attack)))
}

/// Serves each client in a thread, until it has gone.
fn serve(answer: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let answer = std::sync::Arc::new(answer);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || answer(client));
        }
    });
    port
}

/// Sends this for ever.
fn repeat(mut client: impl Write, bytes: &[u8]) -> io::Result<()> {
    let many = bytes.repeat(1 + (1 << 16) / bytes.len());
    loop {
        client.write_all(&many)?;
    }
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("short");
    [&[tag][..], &length.to_be_bytes(), body].concat()
}

const READY: &[u8] = b"Z\0\0\0\x05T";

const TEXT: u32 = 25;
const TEXTS: u32 = 1009;
const BOOL: u32 = 16;
const BOOLS: u32 = 1000;

/// The columns of the session's query.
const SESSION: &[(&str, u32)] =
    &[("search_path", TEXT), ("version", TEXT), ("role", TEXT), ("schemas", TEXTS)];

/// The columns of the catalogue's.
const KEYS: &[(&str, u32)] = &[
    ("fk_oid", 20),
    ("name", TEXT),
    ("child_schema", TEXT),
    ("child_table", TEXT),
    ("child_kind", TEXT),
    ("child_is_partition", BOOL),
    ("child_rows", 701),
    ("parent_schema", TEXT),
    ("parent_table", TEXT),
    ("parent_kind", TEXT),
    ("child_columns", TEXTS),
    ("parent_columns", TEXTS),
    ("child_nullable", BOOLS),
    ("child_has_default", BOOLS),
    ("child_generated", BOOLS),
    ("on_delete", TEXT),
    ("on_update", TEXT),
    ("match_type", TEXT),
    ("is_deferrable", BOOL),
    ("initially_deferred", BOOL),
    ("validated", BOOL),
    ("enforced", BOOL),
    ("delete_set_columns", TEXTS),
    ("check_disabled", BOOL),
    ("delete_disabled", BOOL),
    ("delete_trigger", TEXT),
    ("child_attributes", 1005),
    ("indexes", TEXTS),
    ("extension", TEXT),
];

fn description(columns: &[(&str, u32)]) -> Vec<u8> {
    let mut body = u16::try_from(columns.len()).expect("few").to_be_bytes().to_vec();
    for (name, oid) in columns {
        body.extend(
            [name.as_bytes(), &[0; 7], &oid.to_be_bytes(), &[0xff, 0xff], &[0xff; 4], &[0, 1]].concat(),
        );
    }
    message(b'T', &body)
}

/// A row of the shortest values of these types; arrays have this many elements, each a letter.
fn row(columns: &[(&str, u32)], elements: u32) -> Vec<u8> {
    let mut body = u16::try_from(columns.len()).expect("few").to_be_bytes().to_vec();
    for (_, oid) in columns {
        let value = match *oid {
            TEXT => Vec::new(),
            BOOL => vec![0],
            TEXTS if elements > 0 => {
                let head = [1, 0, TEXT, elements, 1].map(u32::to_be_bytes).concat();
                [head, b"\0\0\0\x01x".repeat(usize::try_from(elements).expect("few"))].concat()
            }
            TEXTS => [0, 0, TEXT].map(u32::to_be_bytes).concat(),
            BOOLS => [0, 0, BOOL].map(u32::to_be_bytes).concat(),
            1005 => [0, 0, 21].map(u32::to_be_bytes).concat(),
            _ => vec![0; 8],
        };
        body.extend(u32::try_from(value.len()).expect("short").to_be_bytes());
        body.extend(value);
    }
    message(b'D', &body)
}

fn postgres(mut client: TcpStream, attack: PostgresAttack) -> io::Result<()> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let startup = usize::try_from(u32::from_be_bytes(length)).expect("short") - 4;
    client.read_exact(&mut vec![0; startup])?;
    match attack {
        PostgresAttack::LengthBeforeLogin => {
            client.write_all(b"R\x7f\xff\xff\xff")?;
            return repeat(client, &[0]);
        }
        PostgresAttack::Settings => {
            client.write_all(&message(b'R', &[0; 4]))?;
            let mut client = BufWriter::new(&client);
            for number in 0_u64.. {
                client.write_all(&message(b'S', format!("x{number}\0\0").as_bytes()))?;
            }
        }
        _ => {}
    }
    client.write_all(&[message(b'R', &[0; 4]), message(b'K', &[0; 8]), READY.to_vec()].concat())?;
    if attack == PostgresAttack::Notices {
        return repeat(client, &message(b'N', b"SNOTICE\0C00000\0Mhello\0\0"));
    }
    let mut parsed = String::new();
    let (mut is_bound, mut oid) = (false, 100_000);
    loop {
        let (tag, body) = request(&mut client)?;
        if attack == PostgresAttack::Types && tag == b'S' {
            oid += 1;
            client.write_all(&type_answer(&parsed, std::mem::take(&mut is_bound), oid))?;
            continue;
        }
        is_bound |= tag == b'B';
        match tag {
            b'P' => parsed = String::from_utf8_lossy(&body).into_owned(),
            b'Q' if attack == PostgresAttack::RowsForNothing => {
                client.write_all(&description(SESSION))?;
                return repeat(client, &row(SESSION, 0));
            }
            b'Q' => client.write_all(&[message(b'C', b"OK\0"), READY.to_vec()].concat())?,
            b'S' if parsed.contains("current_setting") => {
                let answer =
                    [message(b'1', &[]), message(b'2', &[]), description(SESSION), row(SESSION, 0)].concat();
                client.write_all(&[answer, message(b'C', b"SELECT 1\0"), READY.to_vec()].concat())?;
            }
            b'S' => {
                client.write_all(&[message(b'1', &[]), message(b'2', &[]), description(KEYS)].concat())?;
                return match attack {
                    PostgresAttack::Field => {
                        client.write_all(b"D\x40\0\0\x0a\0\x01\x40\0\0\0")?;
                        repeat(client, b"x")
                    }
                    PostgresAttack::RowsOfArrays => repeat(client, &row(KEYS, 10_000)),
                    _ => repeat(client, &row(KEYS, 0)),
                };
            }
            b'X' => return Ok(()),
            _ => {}
        }
    }
}

/// What a statement about types gives: what it is; once it is bound, a domain of the next type.
fn type_answer(parsed: &str, is_bound: bool, oid: u32) -> Vec<u8> {
    const COLUMNS: [(&str, u32); 7] = [
        ("typname", 19),
        ("typtype", 18),
        ("typelem", 26),
        ("rngsubtype", 26),
        ("typbasetype", 26),
        ("nspname", 19),
        ("relid", 26),
    ];
    if !parsed.contains("pg_type") {
        let answer = [message(b'1', &[]), message(b'2', &[]), description(&[("search_path", oid)])].concat();
        return [answer, message(b'C', b"SELECT 0\0"), READY.to_vec()].concat();
    }
    if !is_bound {
        let parameter = [&[0, 1][..], &26_u32.to_be_bytes()].concat();
        return [message(b'1', &[]), message(b't', &parameter), description(&COLUMNS), READY.to_vec()]
            .concat();
    }
    let zero: &[u8] = &[0; 4];
    let mut row = vec![0, 7];
    for value in [b"x".as_slice(), b"d", zero, zero, &oid.to_be_bytes(), b"x", zero] {
        row.extend(u32::try_from(value.len()).expect("short").to_be_bytes());
        row.extend(value);
    }
    [message(b'2', &[]), message(b'D', &row), message(b'C', b"SELECT 1\0"), READY.to_vec()].concat()
}

fn request(client: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 5];
    client.read_exact(&mut header)?;
    let [tag, length @ ..] = header;
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).expect("short").saturating_sub(4)];
    client.read_exact(&mut body)?;
    Ok((tag, body))
}

/// A packet of MySQL's, with its number.
fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_le_bytes();
    [&length[..3], &[number], body].concat()
}

fn mysql(mut client: TcpStream, attack: MysqlAttack) -> io::Result<()> {
    const OK: [u8; 7] = [0, 0, 0, 2, 0, 0, 0];
    const END: [u8; 5] = [0xfe, 0, 0, 2, 0];
    const LARGEST: [u8; 3] = [0xff; 3];
    if attack == MysqlAttack::Greeting {
        client.write_all(&LARGEST)?;
        return repeat(client, &[0]);
    }
    // Protocol 4.1, transactions, secure connection, plug-ins; no TLS.
    let greeting = [
        b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0\x08\xa2\x21\x02\0\x08\0\x15".as_slice(),
        &[0; 10],
        b"abcdefghijkl\0mysql_native_password\0",
    ];
    client.write_all(&packet(0, &greeting.concat()))?;
    command(&mut client)?;
    client.write_all(&packet(2, &OK))?;
    loop {
        let text = command(&mut client)?;
        if text.first() == Some(&1) {
            return Ok(());
        }
        if !text.get(1..).is_some_and(|sql| sql.starts_with(b"SELECT")) {
            client.write_all(&packet(1, &OK))?;
            continue;
        }
        let column = |name: &str| {
            let name = [&[u8::try_from(name.len()).expect("short")], name.as_bytes()].concat();
            [b"\x03def\0\0\0".as_slice(), &name, b"\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0"].concat()
        };
        if let MysqlAttack::Columns(count) = attack {
            client.write_all(&packet(1, &[&[0xfe][..], &count.to_le_bytes()].concat()))?;
            continue;
        }
        if let MysqlAttack::ColumnsBehind(count) = attack {
            let more = packet(1, b"\0\0\0\x0a\0\0\0");
            client.write_all(&[more, packet(2, &[&[0xfe][..], &count.to_le_bytes()].concat())].concat())?;
            continue;
        }
        let head =
            [packet(1, &[2]), packet(2, &column("version")), packet(3, &column("user")), packet(4, &END)];
        client.write_all(&head.concat())?;
        if attack == MysqlAttack::Field {
            for number in 5_u8.. {
                client.write_all(&[&LARGEST[..], &[number]].concat())?;
                client.write_all(&vec![b'x'; 0xff_ffff])?;
            }
        }
        // The numbers go round.
        let rows: Vec<u8> = (0..=255_u8).flat_map(|number| packet(number.wrapping_add(5), &[0, 0])).collect();
        return repeat(client, &rows);
    }
}

fn command(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut header = [0; 4];
    client.read_exact(&mut header)?;
    let mut body = vec![0; usize::from(u16::from_le_bytes([header[0], header[1]]))];
    client.read_exact(&mut body)?;
    Ok(body)
}
