//! The operator's tables: which network and region an address belongs to.
//!
//! CSV files with a header, of any of these columns: `network` (or `prefix`, `cidr`), `autonomous_system_number` (or
//! `asn`), `country_iso_code` (or `country`, `region`), `geoname_id`. A file without networks names the regions of
//! `geoname_id`s. That is what MaxMind's GeoLite2 has as CSV, and what a few lines by hand have. The longest prefix wins.
//!
//! Tables are data of others, with licences of their own: none comes with the tracker.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;

use csv::{Reader, ReaderBuilder, StringRecord};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use prefix_trie::PrefixMap;

use crate::registry::{Network, Place, Region};

/// Rows of all tables together: twice what MaxMind's networks and countries of both families have.
const ROWS_MAX: usize = 4_000_000;

/// What is known of addresses.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    networks: Prefixes<Network>,
    regions: Prefixes<Region>,
    rows: usize,
}

/// Why a table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read, or is no CSV.
    #[error("{path}: {cause}")]
    Csv {
        /// The file.
        path: String,
        /// What is wrong.
        cause: csv::Error,
    },
    /// A column is missing.
    #[error("{path}: the header names neither `network` nor both `geoname_id` and `country_iso_code`")]
    Header {
        /// The file.
        path: String,
    },
    /// A value is none of its column.
    #[error("{path}, line {line}: {value:?} is no {column}")]
    Value {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What was expected.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// There are more rows than are taken.
    #[error("{path}: more than 4,000,000 rows in all tables")]
    TooMany {
        /// The file.
        path: String,
    },
}

impl Tables {
    /// Reads the files; those that name regions first, in whatever order they are given.
    pub(crate) fn load(paths: &[String]) -> Result<Self, Error> {
        let mut tables = Self::default();
        let mut named = BTreeMap::new();
        let mut with_networks = Vec::new();
        for path in paths {
            let mut table = Table::open(path)?;
            if table.columns.network.is_some() {
                with_networks.push(table);
            } else {
                tables.read(&mut table, |_, row| {
                    if let (Some(id), Some(region)) = (row.geoname_id, row.region) {
                        named.insert(id, region);
                    }
                })?;
            }
        }
        for mut table in with_networks {
            tables.read(&mut table, |tables, row| {
                let region = row.region.or_else(|| named.get(&row.geoname_id?).copied());
                if let Some(prefix) = row.prefix {
                    row.network.into_iter().for_each(|network| tables.networks.insert(prefix, network));
                    region.into_iter().for_each(|region| tables.regions.insert(prefix, region));
                }
            })?;
        }
        Ok(tables)
    }

    /// Where an address is.
    pub(crate) fn look(&self, address: IpAddr) -> Place {
        let address = address.to_canonical();
        Place { address: None, network: self.networks.look(address), region: self.regions.look(address) }
    }

    /// How many rows were read.
    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    fn read(&mut self, table: &mut Table, mut take: impl FnMut(&mut Self, &Row)) -> Result<(), Error> {
        let mut record = StringRecord::new();
        while table.next(&mut record)? {
            if self.rows == ROWS_MAX {
                return Err(Error::TooMany { path: table.path.clone() });
            }
            self.rows += 1;
            let row = table.row(&record)?;
            take(self, &row);
        }
        Ok(())
    }
}

/// Values by prefixes of addresses of both families.
#[derive(Debug)]
struct Prefixes<T> {
    v4: PrefixMap<Ipv4Net, T>,
    v6: PrefixMap<Ipv6Net, T>,
}

impl<T> Default for Prefixes<T> {
    fn default() -> Self {
        Self { v4: PrefixMap::new(), v6: PrefixMap::new() }
    }
}

impl<T: Copy> Prefixes<T> {
    fn insert(&mut self, prefix: IpNet, value: T) {
        match prefix {
            IpNet::V4(prefix) => drop(self.v4.insert(prefix.trunc(), value)),
            IpNet::V6(prefix) => drop(self.v6.insert(prefix.trunc(), value)),
        }
    }

    fn look(&self, address: IpAddr) -> Option<T> {
        let found = match address {
            IpAddr::V4(address) => self.v4.get_lpm(&address.into()).map(|(_, value)| value),
            IpAddr::V6(address) => self.v6.get_lpm(&address.into()).map(|(_, value)| value),
        };
        found.copied()
    }
}

/// Where the columns are that we read.
#[derive(Debug, Default)]
struct Columns {
    network: Option<usize>,
    asn: Option<usize>,
    region: Option<usize>,
    geoname_id: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Self {
        let place = |names: &[&str]| {
            let is_it = |column: &str| names.iter().any(|name| column.trim().eq_ignore_ascii_case(name));
            header.iter().position(is_it)
        };
        Self {
            network: place(&["network", "prefix", "cidr"]),
            asn: place(&["autonomous_system_number", "asn"]),
            region: place(&["country_iso_code", "country", "region"]),
            geoname_id: place(&["geoname_id"]),
        }
    }
}

/// One file.
struct Table {
    path: String,
    reader: Reader<std::fs::File>,
    columns: Columns,
}

/// What a row says; nothing where a cell is empty.
struct Row {
    prefix: Option<IpNet>,
    network: Option<Network>,
    region: Option<Region>,
    geoname_id: Option<u32>,
}

impl Table {
    fn open(path: &str) -> Result<Self, Error> {
        let wrong = |cause| Error::Csv { path: path.to_owned(), cause };
        let mut reader = ReaderBuilder::new().flexible(true).from_path(path).map_err(wrong)?;
        let columns = Columns::of(reader.headers().map_err(wrong)?);
        if columns.network.is_none() && (columns.geoname_id.is_none() || columns.region.is_none()) {
            return Err(Error::Header { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), reader, columns })
    }

    fn next(&mut self, record: &mut StringRecord) -> Result<bool, Error> {
        self.reader.read_record(record).map_err(|cause| Error::Csv { path: self.path.clone(), cause })
    }

    fn row(&self, record: &StringRecord) -> Result<Row, Error> {
        let number =
            |text: &str| text.strip_prefix("AS").unwrap_or(text).parse().ok().and_then(NonZeroU32::new);
        Ok(Row {
            prefix: self.cell(record, self.columns.network, "network", |text| text.parse().ok())?,
            network: self
                .cell(record, self.columns.asn, "autonomous system", |text| number(text).map(Network))?,
            region: self.cell(record, self.columns.region, "region", Region::parse)?,
            geoname_id: self.cell(record, self.columns.geoname_id, "geoname_id", |text| text.parse().ok())?,
        })
    }

    fn cell<T>(
        &self,
        record: &StringRecord,
        place: Option<usize>,
        column: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(text) =
            place.and_then(|place| record.get(place)).map(str::trim).filter(|text| !text.is_empty())
        else {
            return Ok(None);
        };
        let wrong = || Error::Value {
            path: self.path.clone(),
            line: record.position().map_or(0, csv::Position::line),
            column,
            value: text.chars().take(64).collect(),
        };
        parse(text).map(Some).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn tables(files: &[&str]) -> Result<Tables, String> {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<String> = (0..files.len())
            .map(|number| folder.path().join(format!("{number}.csv")).to_str().unwrap().to_owned())
            .collect();
        for (path, text) in paths.iter().zip(files) {
            fs::write(path, text).unwrap();
        }
        Tables::load(&paths).map_err(|error| error.to_string())
    }

    fn looked_up(tables: &Tables, address: &str) -> String {
        let Place { network, region, .. } = tables.look(address.parse().unwrap());
        let network = network.map(|network| network.0.to_string()).unwrap_or_default();
        format!("{network} {}", region.as_ref().map(Region::as_str).unwrap_or_default())
    }

    #[test]
    fn the_longest_prefix_wins_in_both_families() {
        let table = "prefix,asn,region\n10.0.0.0/8,64496,DE\n10.1.0.0/16,AS64497,\n10.1.2.0/24,,eu-west\n\
                     2001:db8::/32,64498,FR\n2001:db8:1::/48,,NL\n";
        let tables = tables(&[table]).unwrap();
        let rows = [
            ("10.9.9.9", "64496 DE"),
            ("10.1.9.9", "64497 DE"),
            ("10.1.2.9", "64497 EU-WEST"),
            ("::ffff:10.1.2.9", "64497 EU-WEST"),
            ("11.0.0.1", " "),
            ("2001:db8::1", "64498 FR"),
            ("2001:db8:1::1", "64498 NL"),
            ("2001:db9::1", " "),
        ];
        for (address, wanted) in rows {
            assert_eq!(looked_up(&tables, address), wanted, "{address}");
        }
        assert_eq!(tables.rows(), 5);
    }

    #[test]
    fn tables_of_the_kind_that_is_sold_are_read_as_they_come() {
        let blocks = "network,geoname_id,registered_country_geoname_id,is_anonymous_proxy\n\
                      192.0.2.0/24,2921044,2921044,0\n198.51.100.0/24,,3017382,0\n203.0.113.0/24,1,1,0\n";
        let names = "geoname_id,locale_code,continent_code,country_iso_code,country_name\n\
                     2921044,en,EU,DE,\"Germany, all of it\"\n1,en,AS,,\n";
        let networks = "network,autonomous_system_number,autonomous_system_organization\n\
                        192.0.2.0/25,64500,\"Example, Inc.\"\n";
        let tables = tables(&[blocks, networks, names]).unwrap();
        assert_eq!(looked_up(&tables, "192.0.2.1"), "64500 DE");
        assert_eq!(looked_up(&tables, "192.0.2.200"), " DE");
        assert_eq!(looked_up(&tables, "198.51.100.1"), " ");
        assert_eq!(looked_up(&tables, "203.0.113.1"), " ");
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_place() {
        let rows = [
            ("a,b\n1,2\n", "neither `network`"),
            ("network,asn\n10.0.0.0/33,1\n", "line 2: \"10.0.0.0/33\" is no network"),
            ("network,asn\n10.0.0.0/8,1\n11.0.0.0/8,0\n", "line 3: \"0\" is no autonomous system"),
            ("network,region\n10.0.0.0/8,<b>\n", "is no region"),
            ("", "neither `network`"),
        ];
        for (text, wanted) in rows {
            let error = tables(&[text]).unwrap_err();
            assert!(error.contains(wanted), "{text:?}: {error}");
        }
        assert!(
            Tables::load(&["/nowhere/table.csv".to_owned()])
                .unwrap_err()
                .to_string()
                .contains("/nowhere/table.csv")
        );
    }
}
