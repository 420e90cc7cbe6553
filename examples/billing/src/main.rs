//! Deletes an organization that still owes money, and shows what is left.

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut connection = billing::open(":memory:")?;
    let organization = billing::sign_up(&mut connection, "Acme", 120_000)?;
    println!("before: {} pending payment(s)", billing::pending(&mut connection)?.len());
    match billing::delete(&mut connection, &organization) {
        Ok(_) => println!("{} is deleted, though the code says NO ACTION", organization.name),
        Err(error) => println!("{} stays, as the code says: {error}", organization.name),
    }
    println!("after: {} pending payment(s)", billing::pending(&mut connection)?.len());
    Ok(())
}
