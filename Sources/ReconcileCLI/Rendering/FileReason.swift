import Foundation

extension Error {
    /// Why a file cannot be read or written, in the system's own words: `no such file or directory`.
    var fileReason: String {
        let foreign = (self as? NSError).flatMap { $0.domain == NSCocoaErrorDomain ? $0.code : nil }
        guard let code = (self as? CocoaError)?.code ?? foreign.map({ CocoaError.Code(rawValue: $0) }) else {
            return localizedDescription
        }
        let number: Int32? =
            switch code {
            case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
            case .fileReadNoPermission, .fileWriteNoPermission: EACCES
            case .fileWriteFileExists: EEXIST
            case .fileWriteOutOfSpace: ENOSPC
            case .fileWriteVolumeReadOnly: EROFS
            default: ((self as? CocoaError)?.underlying as? POSIXError)?.code.rawValue
            }
        return number.map { String(cString: strerror($0)).lowercased() } ?? localizedDescription
    }
}
