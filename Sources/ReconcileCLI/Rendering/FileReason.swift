import Foundation

extension Error {
    /// Why a file cannot be read or written, in the system's own words: `no such file or directory`.
    var fileReason: String {
        let error = self as NSError
        guard error.domain == NSCocoaErrorDomain else { return localizedDescription }
        let number: Int32? =
            switch CocoaError.Code(rawValue: error.code) {
            case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
            case .fileReadNoPermission, .fileWriteNoPermission: EACCES
            case .fileWriteFileExists: EEXIST
            case .fileWriteOutOfSpace: ENOSPC
            case .fileWriteVolumeReadOnly: EROFS
            default: (error.userInfo[NSUnderlyingErrorKey] as? POSIXError)?.code.rawValue
            }
        return number.map { String(cString: strerror($0)).lowercased() } ?? localizedDescription
    }
}
